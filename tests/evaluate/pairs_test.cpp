#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/pairs.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

const std::string kView2 =
    "2\t1\n"
    "Ann_Lee\t1\t12\n"
    "Ann_Lee\t2\tBo\t3\n"
    "Cé\t4\t5\n"
    "Bo\t1\tCé\t1234\n";

TEST(Pairs, View2ListsFoldsOfBothKinds) {
  const PairList list = parse_pairs(kView2, "pairs.txt");
  EXPECT_EQ(list.folds, 2);
  ASSERT_EQ(list.pairs.size(), 4U);
  EXPECT_EQ(list.pairs[0].first, "Ann_Lee/Ann_Lee_0001.jpg");
  EXPECT_EQ(list.pairs[0].second, "Ann_Lee/Ann_Lee_0012.jpg");
  EXPECT_TRUE(list.pairs[0].same_person);
  EXPECT_EQ(list.pairs[1].second, "Bo/Bo_0003.jpg");
  EXPECT_FALSE(list.pairs[1].same_person);
  EXPECT_EQ(list.pairs[1].fold, 0);
  EXPECT_EQ(list.pairs[2].fold, 1);
  EXPECT_EQ(list.pairs[3].second, "Cé/Cé_1234.jpg");
}

TEST(Pairs, View1IsOneFold) {
  const PairList list = parse_pairs("1\nAnn\t1\t2\nAnn\t1\tBo\t1\n", "dev");
  EXPECT_EQ(list.folds, 1);
  EXPECT_EQ(list.pairs.size(), 2U);
}

TEST(Pairs, WindowsLineEndsAndBlankLinesAtTheEndAreFine) {
  EXPECT_EQ(parse_pairs("1\r\nAnn\t1\t2\r\nAnn\t1\tBo\t1\r\n\r\n\n", "dev").pairs.size(), 2U);
  EXPECT_EQ(parse_pairs("1\nAnn\t1\t2\nAnn\t1\tBo\t1", "dev").pairs.size(), 2U);
}

TEST(Pairs, WhatIsWrongIsNamedWithItsLine) {
  const std::vector<std::vector<std::string>> cases = {
      {"", "line 1"},
      {"x\n", "line 1"},
      {"0\n", "line 1"},
      {"1\t1\t1\n", "line 1"},
      {"2000000\n", "line 1"},
      {"99999999999999999999\n", "line 1"},
      {"1\n", "line 2"},
      {"1\nAnn\t1\t2\n", "line 3"},
      {"1\nAnn 1 2\nAnn\t1\tBo\t1\n", "line 2"},
      {"1\nAnn\t1\t1\nAnn\t1\tBo\t1\n", "itself"},
      {"1\nAnn\t0\t1\nAnn\t1\tBo\t1\n", "line 2"},
      {"1\nAnn\t1\t-2\nAnn\t1\tBo\t1\n", "line 2"},
      {"1\nAnn\t1\t2 \nAnn\t1\tBo\t1\n", "line 2"},
      {"1\nAnn\t1\t2\nAnn\t1\tAnn\t2\n", "line 3"},
      {"1\n..\t1\t2\nAnn\t1\tBo\t1\n", "line 2"},
      {"1\n\t1\t2\nAnn\t1\tBo\t1\n", "line 2"},
      {"1\nAnn\t1\t2\nAnn\t1\t../../etc\t1\n", "line 3"},
      {"1\nAnn\t1\t2\nAnn\t1\tBo\t1\nBo\t1\t2\n", "line 4"},
  };
  for (const auto& item : cases) {
    const auto parse = [&] { parse_pairs(item[0], "list.txt"); };
    EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file) << item[0];
    EXPECT_NE(message_of(parse).find(item[1]), std::string::npos) << message_of(parse);
    EXPECT_NE(message_of(parse).find("list.txt"), std::string::npos) << message_of(parse);
  }
}

TEST(Pairs, NamesInErrorsAreShortAndSafeForATerminal) {
  const auto message = [](const std::string& name) {
    const std::string list = "1\n" + name + "/\t1\t2\n" + name + "\t1\tBo\t1\n";
    return message_of([&] { parse_pairs(list, "list.txt"); });
  };
  EXPECT_EQ(message("\x1b[2J"), "list.txt, line 2: '?[2J/' is no name of a person");
  EXPECT_EQ(message("\xff"), "list.txt, line 2: '?/' is no name of a person");
  EXPECT_LT(message(std::string(100'000, 'n')).size(), 300U);
}

TEST(Pairs, AreReadFromAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "pairs.txt", kView2);
  EXPECT_EQ(read_pairs(folder.path() / "pairs.txt").pairs.size(), 4U);
  EXPECT_EQ(code_of([&] { read_pairs(folder.path() / "none.txt"); }), ErrorCode::not_found);
}

TEST(Pairs, OneFoldIsSharedOutInOrderClassByClass) {
  PairList list;
  for (int i = 0; i < 5; ++i) {
    list.pairs.push_back({"A/1", "A/2", true, 0});
    list.pairs.push_back({"A/1", "B/1", false, 0});
  }
  const PairList shared = share_into_folds(list, 2);
  EXPECT_EQ(shared.folds, 2);
  const std::vector<int> expected = {0, 0, 0, 1, 1};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(shared.pairs[2 * i].fold, expected[i]);
    EXPECT_EQ(shared.pairs[2 * i + 1].fold, expected[i]);
  }
  EXPECT_EQ(code_of([&] { share_into_folds(list, 6); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { share_into_folds(list, 1); }), ErrorCode::invalid_argument);
}

TEST(Pairs, PicturesOfSeveralListsAreListedOnce) {
  const PairList list = parse_pairs("1\nBo\t2\t1\nBo\t1\tAnn\t1\n", "dev");
  const std::vector<std::string> expected = {"Ann/Ann_0001.jpg", "Bo/Bo_0001.jpg",
                                             "Bo/Bo_0002.jpg"};
  EXPECT_EQ(pictures_of({list, list}), expected);
  EXPECT_EQ(person_of(expected[0]), "Ann");
}

TEST(Pairs, TheOfficialListsHaveTheirKnownSizes) {
  const char* shared = std::getenv("LIKENESS_SHARED");
  const std::filesystem::path root =
      shared != nullptr ? std::filesystem::path(shared)
                        : std::filesystem::path(LIKENESS_SOURCE_DIR) / ".." / "shared";
  const auto lfw = root / "data" / "faces" / "lfw";
  if (!std::filesystem::exists(lfw / "pairs.txt"))
    GTEST_SKIP() << "no LFW lists in " << lfw << " (set LIKENESS_SHARED)";
  EXPECT_EQ(read_pairs(lfw / "pairs.txt").pairs.size(), 6000U);
  EXPECT_EQ(read_pairs(lfw / "pairsDevTrain.txt").pairs.size(), 2200U);
  const PairList test = read_pairs(lfw / "pairsDevTest.txt");
  EXPECT_EQ(test.pairs.size(), 1000U);
  EXPECT_EQ(pictures_of({read_pairs(lfw / "pairs.txt")}).size(), 7701U);
}

}  // namespace
}  // namespace likeness
