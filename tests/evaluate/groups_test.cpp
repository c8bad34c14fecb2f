#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/evaluate/groups.h>

#include "support/error_code.h"

namespace likeness {
namespace {

TEST(Rate, HasWilsonsInterval) {
  const Rate rate = measure_rate(10, 100);
  EXPECT_DOUBLE_EQ(rate.share(), 0.1);
  EXPECT_NEAR(rate.low, 0.0552, 1e-4);  // as in every textbook's table
  EXPECT_NEAR(rate.high, 0.1744, 1e-4);
  const Rate none = measure_rate(0, 20);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.1611, 1e-4);
  EXPECT_EQ(measure_rate(7, 7).high, 1);
  EXPECT_TRUE(std::isnan(measure_rate(0, 0).share()));
  EXPECT_EQ(measure_rate(0, 0).high, 1);
}

TEST(ErrorRates, CountCompletedComparisonsAlone) {
  const std::vector<ScoredPair> pairs = {
      {true, 0, 0.5F},  {true, 0, 1.5F},  {true, 0, std::nullopt}, {false, 0, 1.0F},
      {false, 0, 2.0F}, {false, 0, 3.0F}, {false, 0, std::nullopt}};
  const ErrorRates rates = measure_errors(pairs, 1);
  EXPECT_EQ(rates.threshold, 1);
  EXPECT_EQ(rates.fnmr.events, 1);
  EXPECT_EQ(rates.fnmr.trials, 2);
  EXPECT_EQ(rates.fmr.events, 1);  // a distance equal to the threshold is accepted
  EXPECT_EQ(rates.fmr.trials, 3);
}

TEST(Groups, AreMeasuredWithinAndAcross) {
  const std::vector<PicturePair> pairs = {{"a1", "a2", true, 0},  {"a1", "b1", false, 0},
                                          {"b1", "b2", true, 0},  {"b1", "b3", false, 0},
                                          {"b2", "a2", false, 0}, {"a1", "x", false, 0}};
  const std::vector<ScoredPair> scored = {{true, 0, 0.5F},  {false, 0, 0.8F},
                                          {true, 0, 1.2F},  {false, 0, std::nullopt},
                                          {false, 0, 2.0F}, {false, 0, 0.1F}};
  const Groups groups = {
      {"a1", "young"}, {"a2", "young"}, {"b1", "old"}, {"b2", "old"}, {"b3", "old"}};
  const std::vector<float> thresholds = {1, 3};
  const auto measures = measure_groups(pairs, scored, groups, thresholds);
  ASSERT_EQ(measures.size(), 3U);
  EXPECT_EQ(measures[0].group, "old");
  EXPECT_EQ(measures[0].without_face, 1);
  EXPECT_DOUBLE_EQ(measures[0].rates[0].fnmr.share(), 1);
  EXPECT_EQ(measures[0].rates[0].fmr.trials, 0);
  EXPECT_DOUBLE_EQ(measures[0].rates[1].fnmr.share(), 0);
  EXPECT_EQ(measures[1].group, "young");
  EXPECT_DOUBLE_EQ(measures[1].rates[0].fnmr.share(), 0);
  EXPECT_EQ(measures[2].group, "old and young");
  EXPECT_DOUBLE_EQ(measures[2].rates[0].fmr.share(), 0.5);
  EXPECT_EQ(measures[2].rates[0].fmr.trials, 2);
}

TEST(Groups, ThatNameNoPictureOfThePairsAreRefused) {
  const std::vector<PicturePair> pairs = {{"Ann/1.jpg", "Ann/2.jpg", true, 0}};
  const std::vector<ScoredPair> scored = {{true, 0, 0.5F}};
  const auto call = [&] { measure_groups(pairs, scored, {{"Ann/3.jpg", "g"}}, {}); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("Ann/1.jpg"), std::string::npos) << message_of(call);
}

TEST(Groups, AreReadFromCsv) {
  const Groups groups = parse_groups("path,group\r\na/1.jpg,young\r\n\r\nb/1.jpg,old\n", "csv");
  EXPECT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups.at("a/1.jpg"), "young");
  EXPECT_EQ(parse_groups("path,group\n\"a,1.jpg\",\"18, 19\"\n", "csv").at("a,1.jpg"), "18, 19");
}

TEST(Groups, WhatIsWrongIsNamedWithItsLine) {
  const std::vector<std::vector<std::string>> cases = {
      {"", "line 1"},
      {"picture,group\na,b\n", "line 1"},
      {"path,group\n", "no pictures"},
      {"path,group\na\n", "line 2"},
      {"path,group\na,\n", "line 2"},
      {"path,group\na,b,c\n", "line 2"},
      {"path,group\na,b\na,c\n", "line 3"},
  };
  for (const auto& item : cases) {
    const auto parse = [&] { parse_groups(item[0], "groups.csv"); };
    EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file) << item[0];
    EXPECT_NE(message_of(parse).find(item[1]), std::string::npos) << message_of(parse);
  }
}

}  // namespace
}  // namespace likeness
