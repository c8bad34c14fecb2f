#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/error_code.h"
#include "support/ordinary_user.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

TEST(Files, WhatIsWrittenIsReadBack) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "näme with spaces.bin";
  const std::string text("a\0b\xff", 4);
  write_file(path, text);
  const Bytes content = read_file(path, 4);
  EXPECT_EQ(std::string(content.begin(), content.end()), text);
}

TEST(Files, WritingReplacesTheOldFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "old and longer");
  write_file(folder.path() / "a", "new");
  EXPECT_EQ(read_file(folder.path() / "a", 100).size(), 3U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, ReadingStopsAtTheLimit) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "12345");
  EXPECT_EQ(code_of([&] { read_file(folder.path() / "a", 4); }), ErrorCode::too_large);
  EXPECT_EQ(code_of([&] { read_file("/dev/zero", 1 << 20); }), ErrorCode::too_large);
}

TEST(Files, MissingFilesAndFoldersHaveTheirOwnCodes) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([&] { read_file(folder.path() / "none", 9); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { read_file(folder.path(), 9); }), ErrorCode::unreadable);
}

TEST(Files, AFileAtTheLimitIsReadWhole) {
  const TemporaryFolder folder;
  write_file(folder.path() / "empty", "");
  write_file(folder.path() / "five", "12345");
  EXPECT_TRUE(read_file(folder.path() / "empty", 0).empty());
  EXPECT_EQ(read_file(folder.path() / "five", 5).size(), 5U);
  EXPECT_EQ(read_file(folder.path() / "five", std::numeric_limits<std::size_t>::max()).size(), 5U);
}

TEST(Files, FilesThatDoNotTellTheirSizeAreReadUntilTheirEnd) {
  // Files of /proc claim to be empty.
  const Bytes status = read_file("/proc/self/status", 1 << 16);
  const std::string text(status.begin(), status.end());
  EXPECT_TRUE(text.starts_with("Name:")) << text;
  EXPECT_EQ(code_of([] { read_file("/proc/self/status", 10); }), ErrorCode::too_large);
}

TEST(Files, APipeIsReadUntilItsWriterIsDone) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string text(3'000'000, 'x');
  std::thread writer([&] { std::ofstream(path) << text; });
  const Bytes content = read_file(path, 4'000'000);
  writer.join();
  EXPECT_EQ(std::string(content.begin(), content.end()), text);
}

/// Until the test ends standard input is another file.
class StandardInput {
 public:
  explicit StandardInput(const std::filesystem::path& path) : before_(::dup(STDIN_FILENO)) {
    const int file = ::open(path.c_str(), O_RDONLY);
    EXPECT_GE(::dup2(file, STDIN_FILENO), 0);
    ::close(file);
  }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

TEST(Files, StandardInputIsReadToItsEndOrLimit) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "12345");
  {
    const StandardInput input(folder.path() / "a");
    EXPECT_EQ(read_standard_input(5), (Bytes{'1', '2', '3', '4', '5'}));
    EXPECT_TRUE(read_standard_input(5).empty()) << "it is at its end";
  }
  const StandardInput input(folder.path() / "a");
  EXPECT_EQ(code_of([] { read_standard_input(4); }), ErrorCode::too_large);
}

TEST(Files, WithoutPermissionAreUnreadable) {
  const TemporaryFolder folder;
  write_file(folder.path() / "secret", "x");
  std::filesystem::permissions(folder.path() / "secret", std::filesystem::perms::none);
  const OrdinaryUser user(folder.path());
  const auto read = [&] { read_file(folder.path() / "secret", 9); };
  EXPECT_EQ(code_of(read), ErrorCode::unreadable);
  EXPECT_NE(message_of(read).find("secret: Permission denied"), std::string::npos);
}

TEST(Files, Sha256MatchesTheStandardsExample) {
  const std::string text = "abc";  // FIPS 180-2, appendix B.1
  EXPECT_EQ(sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileLock, OnlyOneHolderAtATime) {
  const TemporaryFolder folder;
  int counter = 0;
  const auto work = [&] {
    for (int i = 0; i < 200; ++i) {
      const FileLock lock(folder.path() / "lock");
      const int seen = counter;
      std::this_thread::yield();
      counter = seen + 1;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(counter, 400);
}

TEST(FileLock, SaysThatItCannotBeTaken) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([&] { FileLock(folder.path() / "no" / "lock"); }), ErrorCode::write_failed);
  EXPECT_EQ(code_of([&] { FileLock lock(folder.path()); }), ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness
