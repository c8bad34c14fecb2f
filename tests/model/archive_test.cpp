#include "model/archive.h"

#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/error.h>

#include "support/error_code.h"
#include "support/package_file.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

SourceFile wanted(const std::string& path, const std::string& content) {
  return {path, sha256(bytes_of(content)), static_cast<std::int64_t>(content.size())};
}

class PackageTest : public testing::Test {
 protected:
  std::map<std::string, Bytes> read(const std::vector<PackedFile>& files,
                                    const std::vector<SourceFile>& wanted) {
    write_package(path(), files);
    return read_package(path(), wanted, "tiny 1.2.3");
  }

  void expect_refused(const std::vector<PackedFile>& files, const SourceFile& wanted,
                      ErrorCode code, const std::string& part) {
    const auto call = [&] { read(files, {wanted}); };
    EXPECT_EQ(code_of(call), code);
    EXPECT_NE(message_of(call).find("package tiny 1.2.3: "), std::string::npos) << message_of(call);
    EXPECT_NE(message_of(call).find(part), std::string::npos) << message_of(call);
  }

  std::filesystem::path path() const { return folder_.path() / "tiny-1.2.3.tgz"; }

  TemporaryFolder folder_;
};

TEST_F(PackageTest, GivesTheWantedFilesByTheirPaths) {
  const std::vector<PackedFile> files = {{"package/package.json", "{}"},
                                         {"package/model/a.bin", "aaa"},
                                         {"package/b.bin", ""},
                                         {"package/model/unwanted.bin", std::string(100'000, 'x')},
                                         {"package/model/sub/c.bin", "ccc"}};
  const auto found = read(
      files, {wanted("model/sub/c.bin", "ccc"), wanted("model/a.bin", "aaa"), wanted("b.bin", "")});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found.at("model/a.bin"), bytes_of("aaa"));
  EXPECT_EQ(found.at("b.bin"), Bytes{});
  EXPECT_EQ(found.at("model/sub/c.bin"), bytes_of("ccc"));
}

TEST_F(PackageTest, TheFirstFolderMayHaveAnyName) {
  EXPECT_EQ(read({{"tiny-face/a", "1"}}, {wanted("a", "1")}).size(), 1U);
}

TEST_F(PackageTest, WritesNothingWhateverTheNamesAre) {
  const std::vector<PackedFile> files = {{"package/../../evil", "1"},
                                         {"/tmp/likeness-evil", "1"},
                                         {"../evil", "1"},
                                         {"evil", "1"},
                                         {"package/link", "", "/etc/passwd"},
                                         {"package/a", "good"}};
  EXPECT_EQ(read(files, {wanted("a", "good")}).at("a"), bytes_of("good"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/likeness-evil"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path().parent_path() / "evil"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(PackageTest, NamesAFileThatIsAbsent) {
  expect_refused({{"package/b", "1"}}, wanted("a", "1"), ErrorCode::checksum_mismatch,
                 "'a' is not in the package");
  expect_refused({{"a", "1"}}, wanted("a", "1"), ErrorCode::checksum_mismatch,
                 "not in the package");
  expect_refused({}, wanted("a", "1"), ErrorCode::checksum_mismatch, "not in the package");
}

TEST_F(PackageTest, ALinkIsNotAFile) {
  expect_refused({{"package/a", "", "/etc/hostname"}}, wanted("a", "1"),
                 ErrorCode::checksum_mismatch, "'a' is not in the package");
}

TEST_F(PackageTest, RefusesAnotherSizeOrContent) {
  expect_refused({{"package/a", "12"}}, wanted("a", "1"), ErrorCode::checksum_mismatch,
                 "'a' has 2 bytes, expected 1");
  expect_refused({{"package/a", "2"}}, wanted("a", "1"), ErrorCode::checksum_mismatch,
                 "'a' has sha256 " + sha256(bytes_of("2")) + ", expected " + sha256(bytes_of("1")));
}

TEST_F(PackageTest, RefusesWhatIsNoArchive) {
  for (const std::string content : {"", "not an archive", "\x1f\x8b\x08 gzip that is none"}) {
    write_file(path(), content);
    const auto call = [&] {
      read_package(path(), std::vector<SourceFile>{wanted("a", "1")}, "tiny 1.2.3");
    };
    const ErrorCode code = code_of(call);
    EXPECT_TRUE(code == ErrorCode::corrupt_file || code == ErrorCode::checksum_mismatch) << content;
  }
}

TEST_F(PackageTest, EveryTruncationIsRefused) {
  std::string content;  // hard to compress, so that the archive is long
  for (unsigned i = 0, value = 1; i < 2000; ++i)
    content += static_cast<char>((value = value * 1664525 + 1013904223) >> 24);
  write_package(path(), {{"package/a", content}});
  const Bytes whole = read_file(path(), 1 << 20);
  for (std::size_t size = 0; size + 200 < whole.size(); size += 97) {
    write_file(path(), std::span(whole).first(size));
    const auto call = [&] {
      read_package(path(), std::vector<SourceFile>{wanted("a", content)}, "tiny 1.2.3");
    };
    const ErrorCode code = code_of(call);
    EXPECT_TRUE(code == ErrorCode::corrupt_file || code == ErrorCode::checksum_mismatch) << size;
  }
}

/// One header of the tar format that announces `bytes` of content, and none of it.
std::string tar_header(const std::string& name, std::uint64_t bytes) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000644");
  char size[13];
  std::snprintf(size, sizeof(size), "%011llo", static_cast<unsigned long long>(bytes));
  header.replace(124, 11, size, 11);
  header.replace(148, 8, "        ");
  header[156] = '0';
  header.replace(257, 8, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char checksum[9];
  std::snprintf(checksum, sizeof(checksum), "%06o", sum);
  header.replace(148, 8, std::string(checksum, 6) + std::string("\0 ", 2));
  return header;
}

TEST_F(PackageTest, RefusesAnAnnouncedBombBeforeUnpackingIt) {
  const std::vector<SourceFile> want = {wanted("a", "1")};
  const auto call = [&] { read_package(path(), want, "tiny 1.2.3"); };
  write_file(path(), tar_header("package/other", std::uint64_t{3} << 30));
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("far too large"), std::string::npos) << message_of(call);

  write_file(path(), tar_header("package/a", std::uint64_t{900} << 20));
  EXPECT_EQ(code_of(call), ErrorCode::checksum_mismatch);
  EXPECT_NE(message_of(call).find("'a' has 943718400 bytes"), std::string::npos)
      << message_of(call);
}

}  // namespace
}  // namespace likeness
