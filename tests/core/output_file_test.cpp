#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/output_file.h>
#include <sys/stat.h>

#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "support/ordinary_user.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Writing : public testing::Test {
 protected:
  std::string content(const std::string& name) const {
    const Bytes bytes = read_file(folder_.path() / name, 1 << 26);
    return {bytes.begin(), bytes.end()};
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_.path()), {}); }
  mode_t mode(const std::string& name) const {
    struct stat info = {};
    EXPECT_EQ(::stat((folder_.path() / name).c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
};

/// The permissions of new files until the test ends.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mask) : before_(::umask(mask)) {}
  ~ScopedUmask() { ::umask(before_); }
  ScopedUmask(const ScopedUmask&) = delete;
  ScopedUmask& operator=(const ScopedUmask&) = delete;

 private:
  mode_t before_;
};

TEST_F(Writing, PiecesOfAnySizeFollowEachOther) {
  std::string expected;
  OutputFile file(path("a"));
  for (const std::size_t size : {1U, 0U, 65'535U, 65'536U, 3U, 200'000U, 70'000U, 10U}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    file.write(piece);
    expected += piece;
  }
  file.commit();
  EXPECT_EQ(content("a"), expected);
}

TEST_F(Writing, NothingIsSeenBeforeTheCommit) {
  write_file(path("a"), "old");
  OutputFile file(path("a"));
  file.write(std::string(100'000, 'n'));
  EXPECT_EQ(content("a"), "old");
  file.commit();
  EXPECT_EQ(content("a"), std::string(100'000, 'n'));
  EXPECT_EQ(files(), 1);
}

TEST_F(Writing, WithoutACommitTheOldFileStaysAndNothingElse) {
  write_file(path("a"), "old");
  {
    OutputFile file(path("a"));
    file.write(std::string(100'000, 'n'));
  }
  EXPECT_EQ(content("a"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(Writing, TheStartCanBeOverwritten) {
  OutputFile file(path("a"));
  file.write("????, then more");
  file.overwrite_start("four");
  file.write(" and more");
  file.commit();
  EXPECT_EQ(content("a"), "four, then more and more");
}

TEST_F(Writing, TwiceCommittedIsTheCallersMistake) {
  OutputFile file(path("a"));
  file.commit();
  EXPECT_THROW(file.commit(), std::logic_error);
}

TEST_F(Writing, NewFilesHaveThePermissionsThatTheProcessGives) {
  const ScopedUmask mask(027);
  write_file(path("a"), "x");
  EXPECT_EQ(mode("a"), 0640U);
}

TEST_F(Writing, AReplacedFileKeepsItsPermissions) {
  write_file(path("a"), "old");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  write_file(path("a"), "new");
  EXPECT_EQ(mode("a"), 0600U);
  EXPECT_EQ(content("a"), "new");
}

TEST_F(Writing, ALinkStaysAndWhatItPointsToIsReplaced) {
  fs::create_directory(path("folder"));
  write_file(path("folder/real"), "old");
  fs::create_symlink("folder/real", path("link"));
  fs::create_symlink("link", path("link to link"));
  write_file(path("link to link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_TRUE(fs::is_symlink(path("link to link")));
  EXPECT_EQ(content("folder/real"), "new");

  fs::create_symlink(path("folder") / "not there yet", path("ahead"));
  write_file(path("ahead"), "first");
  EXPECT_EQ(content("folder/not there yet"), "first");
}

TEST_F(Writing, ALinkIntoAFolderThatIsNotThereIsAWriteFailure) {
  fs::create_symlink(path("none") / "file", path("lost"));
  EXPECT_EQ(code_of([&] { write_file(path("lost"), "x"); }), ErrorCode::write_failed);
  EXPECT_NE(message_of([&] { write_file(path("lost"), "x"); }).find("create it first"),
            std::string::npos);
}

TEST_F(Writing, NamesMayBeAsLongAsTheFileSystemAllows) {
  std::string name;
  for (int i = 0; i < 85; ++i) name += "東";  // 255 bytes
  write_file(path(name), "x");
  EXPECT_EQ(content(name), "x");
  const auto too_long = [&] { write_file(path(name + "x"), "x"); };
  EXPECT_EQ(code_of(too_long), ErrorCode::write_failed);
  EXPECT_NE(message_of(too_long).find("File name too long"), std::string::npos);
  EXPECT_EQ(files(), 1);
}

TEST_F(Writing, APathWithoutAFolderIsInTheCurrentOne) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  write_file("plain", "x");
  fs::current_path(before);
  EXPECT_EQ(content("plain"), "x");
}

TEST_F(Writing, AFullDiskLeavesTheOldFileAndNothingElse) {
  write_file(path("a"), "old");
  const auto write = [&] {
    const FileSizeLimit limit(100'000);
    write_file(path("a"), std::string(1'000'000, 'n'));
  };
  EXPECT_EQ(code_of(write), ErrorCode::write_failed);
  EXPECT_NE(message_of(write).find("a: File too large"), std::string::npos) << message_of(write);
  EXPECT_EQ(content("a"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(Writing, DevicesAreWrittenInPlace) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const auto full = [] { write_file("/dev/full", "x"); };
  EXPECT_EQ(code_of(full), ErrorCode::write_failed);
  EXPECT_NE(message_of(full).find("/dev/full: No space left on device"), std::string::npos);
}

TEST_F(Writing, APipeIsWrittenInPlace) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  Bytes received;
  std::thread reader([&] { received = read_file(path("pipe"), 1 << 20); });
  write_file(path("pipe"), "through");
  reader.join();
  EXPECT_EQ(std::string(received.begin(), received.end()), "through");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(Writing, TargetsThatCannotBeFilesAreWriteFailures) {
  const auto refused = [](const fs::path& target, const std::string& part) {
    for (const bool check_only : {false, true}) {
      const auto call = [&] { check_only ? check_writable(target) : write_file(target, "x"); };
      EXPECT_EQ(code_of(call), ErrorCode::write_failed) << target;
      EXPECT_NE(message_of(call).find(part), std::string::npos) << message_of(call);
    }
  };
  refused(folder_.path(), "is a folder");
  refused("", "empty");
  refused(path("no") / "file", "does not exist; create it first");
  write_file(path("file"), "x");
  refused(path("file") / "below", "does not exist");
}

TEST_F(Writing, AFolderThatIsReadOnlyIsAWriteFailure) {
  write_file(path("a"), "old");
  const OrdinaryUser user(folder_.path());
  fs::permissions(folder_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const auto write = [&] { write_file(path("a"), "new"); };
  EXPECT_EQ(code_of(write), ErrorCode::write_failed);
  EXPECT_NE(message_of(write).find("a: cannot write in folder '" + folder_.path().string() +
                                   "': Permission denied"),
            std::string::npos)
      << message_of(write);
  EXPECT_EQ(code_of([&] { check_writable(path("a")); }), ErrorCode::write_failed);
  fs::permissions(folder_.path(), fs::perms::owner_all);
  EXPECT_EQ(content("a"), "old");
}

TEST_F(Writing, ManyThreadsLeaveTheWholeFileOfOneOfThem) {
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b', 'c'})
    writers.emplace_back([&, letter] {
      for (int i = 0; i < 20; ++i) write_file(path("shared"), std::string(100'000, letter));
    });
  for (int i = 0; i < 50; ++i) {
    if (!fs::exists(path("shared"))) continue;
    const std::string seen = content("shared");
    EXPECT_EQ(seen, std::string(100'000, seen.at(0)));
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace likeness
