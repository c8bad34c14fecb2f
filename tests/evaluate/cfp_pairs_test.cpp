#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/pairs.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Two people with two frontal and one profile picture each, and two folds.
class CfpPairs : public testing::Test {
 protected:
  void SetUp() override {
    write("Protocol/Pair_list_F.txt",
          "1 ../Data/Images/001/frontal/01.jpg\r\n2 ../Data/Images/001/frontal/02.jpg\r\n"
          "3 ../Data/Images/002/frontal/01.jpg\r\n4 ../Data/Images/002/frontal/02.jpg\r\n");
    write("Protocol/Pair_list_P.txt",
          "1 ../Data/Images/001/profile/01.jpg\n2 ../Data/Images/002/profile/01.jpg\n");
    write("Protocol/Split/FP/01/same.txt", "1,1\n2,1\n");
    write("Protocol/Split/FP/01/diff.txt", "1,2\n");
    write("Protocol/Split/FP/02/same.txt", "3,2\r\n");
    write("Protocol/Split/FP/02/diff.txt", "4,1\r\n\r\n");
    write("Protocol/Split/FF/01/same.txt", "1,2\n");
    write("Protocol/Split/FF/01/diff.txt", "1,3\n");
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root() / name).parent_path());
    write_file(root() / name, text);
  }
  fs::path root() const { return folder_.path() / "cfp"; }

  void expect_refused(const std::string& name, const std::string& text, ErrorCode code,
                      const std::string& part) const {
    write(name, text);
    const auto read = [&] { read_cfp_pairs(root()); };
    EXPECT_EQ(code_of(read), code) << text;
    EXPECT_NE(message_of(read).find(part), std::string::npos) << message_of(read);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(CfpPairs, FrontalIsPairedWithProfile) {
  const PairList list = read_cfp_pairs(root());
  EXPECT_EQ(list.folds, 2);
  ASSERT_EQ(list.pairs.size(), 5U);
  EXPECT_EQ(list.pairs[1].first, "Data/Images/001/frontal/02.jpg");
  EXPECT_EQ(list.pairs[1].second, "Data/Images/001/profile/01.jpg");
  EXPECT_TRUE(list.pairs[1].same_person);
  EXPECT_EQ(list.pairs[2].second, "Data/Images/002/profile/01.jpg");
  EXPECT_FALSE(list.pairs[2].same_person);
  EXPECT_EQ(list.pairs[3].fold, 1);
  EXPECT_EQ(list.people.size(), 6U);
  EXPECT_EQ(list.people.at("Data/Images/002/profile/01.jpg"), "Data/Images/002");
}

TEST_F(CfpPairs, AreFoundFromEveryFolderOfTheProtocol) {
  for (const char* folder : {"", "Protocol", "Protocol/", "Protocol/Split/FP"})
    EXPECT_EQ(read_pairs(root() / folder).pairs.size(), 5U) << folder;
  const PairList frontal = read_pairs(root() / "Protocol/Split/FF/");
  ASSERT_EQ(frontal.pairs.size(), 2U);
  EXPECT_EQ(frontal.pairs[0].second, "Data/Images/001/frontal/02.jpg");
}

TEST_F(CfpPairs, AnotherFolderIsRefused) {
  const auto read = [&] { read_pairs(root() / "Protocol" / "Split"); };
  EXPECT_EQ(code_of(read), ErrorCode::not_found);
  EXPECT_NE(message_of(read).find("Pair_list_F.txt"), std::string::npos) << message_of(read);
  EXPECT_EQ(code_of([&] { read_cfp_pairs(root() / "none"); }), ErrorCode::not_found);
}

TEST_F(CfpPairs, PicturesAreNumberedFromOne) {
  expect_refused("Protocol/Pair_list_P.txt",
                 "1 ../Data/Images/001/profile/01.jpg\n3 ../Data/Images/002/profile/01.jpg\n",
                 ErrorCode::corrupt_file, "line 2");
  expect_refused("Protocol/Pair_list_P.txt", "1 ../../elsewhere/001/profile/01.jpg\n",
                 ErrorCode::corrupt_file, "line 1");
  expect_refused("Protocol/Pair_list_P.txt", "1\n", ErrorCode::corrupt_file, "line 1");
  expect_refused("Protocol/Pair_list_P.txt", "", ErrorCode::corrupt_file, "no pictures");
}

TEST_F(CfpPairs, PairsMustKeepWhatTheirFileSays) {
  const std::string same = "Protocol/Split/FP/01/same.txt";
  expect_refused(same, "1,1\n1,2\n", ErrorCode::corrupt_file, "line 2");
  expect_refused(same, "1,9\n", ErrorCode::corrupt_file, "9");
  expect_refused(same, "1\n", ErrorCode::corrupt_file, "I,J");
  expect_refused(same, "1,1\n\n2,1\n", ErrorCode::corrupt_file, "line 3");
  write(same, "1,1\n");
  expect_refused("Protocol/Split/FP/02/diff.txt", "3,2\n", ErrorCode::corrupt_file,
                 "one person, expected two");
}

TEST_F(CfpPairs, AFoldNeedsBothFiles) {
  fs::remove(root() / "Protocol/Split/FP/02/diff.txt");
  EXPECT_EQ(code_of([&] { read_cfp_pairs(root()); }), ErrorCode::not_found);
  fs::remove_all(root() / "Protocol/Split/FP");
  EXPECT_EQ(code_of([&] { read_cfp_pairs(root()); }), ErrorCode::not_found);
}

}  // namespace
}  // namespace likeness
