#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "support/error_code.h"
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

TEST(Files, FullDiskAndBadTargetsAreWriteFailures) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([] { write_file("/dev/full", std::string(1 << 16, 'x')); }),
            ErrorCode::write_failed);
  EXPECT_EQ(code_of([&] { write_file(folder.path(), "x"); }), ErrorCode::write_failed);
  EXPECT_EQ(code_of([&] { write_file(folder.path() / "no" / "file", "x"); }),
            ErrorCode::write_failed);
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

}  // namespace
}  // namespace likeness
