#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/made_files.h"
#include "support/program.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

TEST(Outputs, AReaderThatLeavesEndsTheProgramQuietly) {
  const Outcome outcome = run_likeness({"--help"}, {.nobody_reads = true});
  EXPECT_EQ(outcome.exit_code, 141);
  EXPECT_EQ(outcome.err, "");
}

TEST(Outputs, AFullDiskBehindStandardOutputIsAnError) {
  const Outcome outcome = run_likeness({"--help"}, {.standard_output = "/dev/full"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(outcome.err.starts_with("likeness: error: standard output: ")) << outcome.err;
}

TEST(Outputs, AreCheckedBeforeTheWork) {
  TemporaryFolder folder;
  const std::string photo = (folder.path() / "photo.jpg").string();
  write_file(photo, jpeg_bytes());
  fs::create_directory(folder.path() / "folder.png");
  fs::create_directory(folder.path() / "folder.npy");
  const std::string taken = (folder.path() / "folder.png").string();
  expect_json_error({"verify", photo, photo, "--explain", taken}, "write_failed", "folder.png");
  expect_json_error({"embed", photo, "-o", (folder.path() / "folder.npy").string()}, "write_failed",
                    "folder.npy");
  expect_json_error({"embed", photo, "-o", "/no/such/folder/x.npy"}, "write_failed",
                    "/no/such/folder");
  expect_json_error({"detect", photo, "--draw", "/no/such/folder/x.png"}, "write_failed",
                    "/no/such/folder");
  expect_json_error({"detect", photo, photo, "--draw", photo}, "write_failed", "photo.jpg");
}

TEST(Outputs, NeverReplaceAPhotoThatTheyWereMadeFrom) {
  TemporaryFolder folder;
  const std::string photo = (folder.path() / "photo.jpg").string();
  write_file(photo, jpeg_bytes());
  fs::create_symlink(photo, folder.path() / "link.png");
  const std::string link = (folder.path() / "link.png").string();
  expect_json_error({"verify", photo, photo, "--explain", photo}, "invalid_argument", "overwrite");
  expect_json_error({"verify", photo, photo, "--explain", link}, "invalid_argument", "overwrite");
  expect_json_error({"detect", photo, "--draw", link}, "invalid_argument", "overwrite");
  expect_json_error({"detect", photo, photo, "--draw", folder.path().string()}, "invalid_argument",
                    "overwrite");
  EXPECT_EQ(read_file(photo, 1 << 20), jpeg_bytes());
}

}  // namespace
}  // namespace likeness
