#include <cstdlib>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <unistd.h>

#include "support/made_files.h"
#include "support/program.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Photos are looked at before weights are fetched, so a bad one is told on a bare machine too.
class BadPhotos : public ::testing::Test {
 protected:
  BadPhotos() {
    bare.environment = {{"LIKENESS_CACHE", (folder.path() / "cache").string()},
                        {"LIKENESS_OFFLINE", "1"}};
    write_file(good(), jpeg_bytes());
  }
  std::string good() const { return (folder.path() / "good.jpg").string(); }
  std::string made(const std::string& name, const Bytes& content) const {
    write_file(folder.path() / name, content);
    return (folder.path() / name).string();
  }
  void expect_refused(const std::string& path, std::string_view code) const {
    const std::string name = fs::path(path).filename().string();
    expect_json_error({"verify", path, good()}, code, name, bare);
    expect_json_error({"verify", good(), path}, code, name, bare);
  }

  TemporaryFolder folder;
  Surroundings bare;
};

TEST_F(BadPhotos, MissingFile) {
  expect_refused((folder.path() / "nobody.jpg").string(), "not_found");
  expect_json_error({"detect", "nobody.jpg"}, "not_found", "nobody.jpg", bare);
  expect_json_error({"embed", "nobody-*.jpg", "-o", "x.npy"}, "not_found", "nobody-*.jpg", bare);
  expect_plain_error({"verify", "nobody.jpg", good()}, "nobody.jpg", bare);
}

TEST_F(BadPhotos, Folder) {
  fs::create_directory(folder.path() / "album");
  expect_refused((folder.path() / "album").string(), "unreadable");
  expect_json_error({"detect", (folder.path() / "album").string()}, "not_found", "no picture",
                    bare);
}

TEST_F(BadPhotos, UnreadableFile) {
  if (::geteuid() != 0) {
    const std::string path = made("secret.jpg", jpeg_bytes());
    fs::permissions(path, fs::perms::none);
    return expect_refused(path, "unreadable");
  }
  // Root reads everything: the program runs as somebody else.
  Surroundings as_nobody = bare;
  as_nobody.as_nobody = true;
  if (run_likeness({"--version"}, as_nobody).exit_code != 0)
    GTEST_SKIP() << "user 65534 cannot run the program where it was built";
  fs::permissions(folder.path(), fs::perms::all);
  const std::string path = made("secret.jpg", jpeg_bytes());
  fs::permissions(path, fs::perms::owner_read);
  expect_json_error({"verify", path, good()}, "unreadable", "secret.jpg", as_nobody);
}

TEST_F(BadPhotos, EmptyFile) {
  expect_refused(made("empty.jpg", {}), "corrupt_file");
}

TEST_F(BadPhotos, TextNamedJpg) {
  const std::string text = "Dear Anna, the photo is in the other letter.\n";
  expect_refused(made("letter.jpg", {text.begin(), text.end()}), "unsupported_format");
}

TEST_F(BadPhotos, TruncatedJpeg) {
  Bytes jpeg = jpeg_bytes();
  jpeg.resize(jpeg.size() / 2);
  expect_refused(made("half.jpg", jpeg), "corrupt_file");
}

TEST_F(BadPhotos, HeaderOfAHugePng) {
  expect_refused(made("huge.png", png_header(20'000, 20'000)), "too_large");
}

TEST_F(BadPhotos, AnimatedGif) {
  expect_refused(made("dance.gif", animated_gif()), "unsupported_format");
}

TEST_F(BadPhotos, NamesWithSpacesAndOtherAlphabetsAreToldUnchanged) {
  expect_refused(made("Zoë und Łukasz 東京.jpg", {}), "corrupt_file");
}

TEST_F(BadPhotos, NamesThatAreNotUtf8StillGiveValidJson) {
  expect_json_error({"verify", "\xFF\xFE.jpg", good()}, "not_found", ".jpg", bare);
}

TEST_F(BadPhotos, EmptyStandardInput) {
  expect_json_error({"verify", "-", good()}, "corrupt_file", "standard input", bare);
}

TEST_F(BadPhotos, AGoodPairThenAsksForTheWeights) {
  expect_json_error({"verify", good(), good()}, "missing_model", "LIKENESS_OFFLINE", bare);
  expect_json_error({"detect", good()}, "missing_model", "LIKENESS_OFFLINE", bare);
  expect_json_error({"embed", good(), "-o", (folder.path() / "x.npy").string()}, "missing_model",
                    "LIKENESS_OFFLINE", bare);
  EXPECT_FALSE(fs::exists(folder.path() / "x.npy"));
}

}  // namespace
}  // namespace likeness
