#include "model/npm.h"

#include <string>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "support/environment.h"
#include "support/error_code.h"
#include "support/fake_npm.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

class NpmPack : public testing::Test {
 protected:
  std::filesystem::path pack(std::chrono::milliseconds timeout = std::chrono::minutes(5)) const {
    return npm_pack("@scope/tiny-face", "1.2.3", folder_.path(), timeout);
  }
  std::string failure() const {
    EXPECT_EQ(code_of([&] { pack(); }), ErrorCode::missing_model);
    return message_of([&] { pack(); });
  }

  TemporaryFolder folder_;
  ScopedEnvironment no_cache_setting_{"npm_config_cache", std::nullopt};
};

TEST_F(NpmPack, ReturnsThePackageThatNpmWrote) {
  const FakeNpm npm("echo content > scope-tiny-face-1.2.3.tgz; echo scope-tiny-face-1.2.3.tgz");
  const auto path = pack();
  EXPECT_EQ(path, folder_.path() / "scope-tiny-face-1.2.3.tgz");
  EXPECT_EQ(read_file(path, 100).size(), 8U);
}

TEST_F(NpmPack, AsksForOnePinnedVersionAndRunsNoScripts) {
  const FakeNpm npm("touch a.tgz");
  pack();
  ASSERT_EQ(npm.calls().size(), 1U);
  EXPECT_EQ(npm.calls()[0].rfind("pack @scope/tiny-face@1.2.3 --ignore-scripts ", 0), 0U)
      << npm.calls()[0];
}

TEST_F(NpmPack, UsesAnotherCacheOnlyWhereTheHomeFolderCannotBeWritten) {
  const FakeNpm npm("touch a.tgz");
  pack();
  EXPECT_EQ(npm.calls().back().find("--cache"), std::string::npos);
  const ScopedEnvironment home("HOME", "/nonexistent");
  pack();
  EXPECT_NE(npm.calls().back().find("--cache=" + folder_.path().string()), std::string::npos);
  const ScopedEnvironment cache("npm_config_cache", "/somewhere");
  pack();
  EXPECT_EQ(npm.calls().back().find("--cache"), std::string::npos);
}

TEST_F(NpmPack, SaysHowToGetNpmWhenItIsMissing) {
  const ScopedEnvironment path("PATH", "/nonexistent");
  EXPECT_EQ(failure(),
            "cannot run 'npm': No such file or directory; install npm (Debian: apt install npm)");
}

TEST_F(NpmPack, GivesTheReasonThatNpmPrints) {
  FakeNpm npm(
      "echo 'npm error code ENOTFOUND' >&2\n"
      "echo 'npm error errno ENOTFOUND' >&2\n"
      "echo 'npm error network request to https://example.org/tiny failed' >&2\n"
      "echo 'npm error network This is a problem related to network connectivity.' >&2\n"
      "echo 'npm error A complete log of this run can be found in: x' >&2\n"
      "exit 1");
  EXPECT_EQ(failure(),
            "npm could not fetch @scope/tiny-face@1.2.3: 'network request to "
            "https://example.org/tiny failed'");
  npm.set_script("echo 'npm ERR! code E404' >&2; echo 'npm ERR! 404 Not Found' >&2; exit 1");
  EXPECT_NE(failure().find("'404 Not Found'"), std::string::npos);
  npm.set_script("echo; echo 'Segmentation fault'; exit 139");
  EXPECT_NE(failure().find("'Segmentation fault'"), std::string::npos);
  npm.set_script("exit 1");
  EXPECT_NE(failure().find("'no message'"), std::string::npos);
}

TEST_F(NpmPack, NoticesWhenNothingWasWritten) {
  const FakeNpm npm("echo a.tgz");
  EXPECT_EQ(failure(), "npm ended without writing the package");
}

TEST_F(NpmPack, DoesNotWaitForEver) {
  const FakeNpm npm("exec sleep 600");
  EXPECT_EQ(message_of([&] { pack(std::chrono::milliseconds(300)); }),
            "npm did not finish fetching @scope/tiny-face@1.2.3 within 0 s");
}

}  // namespace
}  // namespace likeness
