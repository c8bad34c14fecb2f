#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/pairs.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

TEST(FlaggedPairs, OneFlagOnEachOfTwoLines) {
  // As CALFW and CPLFW write it; the flag may be the number of the fold.
  const PairList list = parse_flagged_pairs(
      "Ann_Lee_0001.jpg 3\nAnn_Lee_0002.jpg 3\nAnn_Lee_0001.jpg 0\nBo_0001.jpg 0\n", "list");
  EXPECT_EQ(list.folds, 1);
  EXPECT_TRUE(list.people.empty());
  ASSERT_EQ(list.pairs.size(), 2U);
  EXPECT_EQ(list.pairs[0].first, "Ann_Lee_0001.jpg");
  EXPECT_EQ(list.pairs[0].second, "Ann_Lee_0002.jpg");
  EXPECT_TRUE(list.pairs[0].same_person);
  EXPECT_FALSE(list.pairs[1].same_person);
}

TEST(FlaggedPairs, TheFlagBehindOrInFrontOfTwoPictures) {
  for (const char* text :
       {"a/1.jpg b/2.jpg 1\nc/3.png c/4.png 0\n", "1 a/1.jpg b/2.jpg\n-1 c/3.png c/4.png\n",
        "1,a/1.jpg, b/2.jpg\r\n0,c/3.png,c/4.png\r\n\r\n",
        "a/1.jpg\tb/2.jpg\t1\nc/3.png\tc/4.png\t-1"}) {
    const PairList list = parse_flagged_pairs(text, "list");
    ASSERT_EQ(list.pairs.size(), 2U) << text;
    EXPECT_EQ(list.pairs[0].first, "a/1.jpg");
    EXPECT_EQ(list.pairs[0].second, "b/2.jpg");
    EXPECT_TRUE(list.pairs[0].same_person);
    EXPECT_EQ(list.pairs[1].second, "c/4.png");
    EXPECT_FALSE(list.pairs[1].same_person);
  }
}

TEST(FlaggedPairs, NamesMayHaveSpacesBetweenTabs) {
  const PairList list = parse_flagged_pairs("Ann Lee, 1.jpg\tBo 2.jpg\t0\n", "list");
  EXPECT_EQ(list.pairs[0].first, "Ann Lee, 1.jpg");
}

TEST(FlaggedPairs, WhatIsWrongIsNamedWithItsLine) {
  const std::vector<std::vector<std::string>> cases = {
      {"", "no pairs"},
      {"a.jpg b.jpg\n", "line 1"},
      {"a.jpg\n", "line 1"},
      {"a.jpg b.jpg c.jpg 1\n", "line 1"},
      {"a.jpg 11\nb.jpg 11\n", "line 1"},
      {"a.jpg 1\n", "line 2"},
      {"a.jpg 1\nb.jpg 0\n", "differs"},
      {"a.jpg 1\nb.jpg 1 2\n", "line 2"},
      {"a.jpg b.jpg 2\n", "line 1"},
      {"a.jpg b.jpg yes\n", "line 1"},
      {"a.jpg b.jpg 1\nc.jpg 1\n", "line 2"},
      {"a.jpg b.jpg 1\n1 c.jpg d.jpg\n", "line 2"},
      {"a.jpg a.jpg 1\n", "itself"},
      {"../a.jpg b.jpg 1\n", "line 1"},
      {"/a.jpg b.jpg 1\n", "line 1"},
      {"a//b.jpg b.jpg 1\n", "line 1"},
      {"a.jpg b.jpg 1\n\nc.jpg d.jpg 0\n", "line 3"},
  };
  for (const auto& item : cases) {
    const auto parse = [&] { parse_flagged_pairs(item[0], "list.txt"); };
    EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file) << item[0];
    EXPECT_NE(message_of(parse).find(item[1]), std::string::npos) << message_of(parse);
    EXPECT_NE(message_of(parse).find("list.txt"), std::string::npos) << message_of(parse);
  }
}

TEST(ReadPairs, TheFirstLineTellsTheKindOfList) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "list.txt";
  write_file(path, "1\nAnn\t1\t2\nAnn\t1\tBo\t1\n");
  EXPECT_EQ(read_pairs(path).people.at("Ann/Ann_0001.jpg"), "Ann");
  write_file(path, "x.jpg 1\r\ny.jpg 1\r\n");
  EXPECT_EQ(read_pairs(path).pairs.size(), 1U);
  write_file(path, "path1;path2\n");
  EXPECT_EQ(code_of([&] { read_pairs(path); }), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
