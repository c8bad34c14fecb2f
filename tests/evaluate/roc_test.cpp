#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/evaluate/roc.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// Four genuine and three impostor pairs, three of them at the distance 2.
Roc example_curve() {
  return roc_curve({.genuine = {4, 2, 1, 2},
                    .impostor = {3, 5, 2},
                    .genuine_without = 0,
                    .impostor_without = 0});
}

/// By definition, pair by pair.
double area_by_counting(const std::vector<float>& genuine, const std::vector<float>& impostor) {
  double wins = 0;
  for (const float g : genuine)
    for (const float i : impostor) wins += g < i ? 1 : g == i ? 0.5 : 0;
  return wins / static_cast<double>(genuine.size() * impostor.size());
}

TEST(Roc, HasOnePointForEachDistance) {
  const std::vector<RocPoint> expected = {{-1, 0, 0},         {1, 0, 0.25},    {2, 1.0 / 3, 0.75},
                                          {3, 2.0 / 3, 0.75}, {4, 2.0 / 3, 1}, {5, 1, 1}};
  const Roc roc = example_curve();
  ASSERT_EQ(roc.points.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_FLOAT_EQ(roc.points[i].threshold, expected[i].threshold);
    EXPECT_DOUBLE_EQ(roc.points[i].far, expected[i].far);
    EXPECT_DOUBLE_EQ(roc.points[i].tar, expected[i].tar);
  }
}

TEST(Roc, AtFarTakesTheHighestThresholdWithinTheRate) {
  EXPECT_DOUBLE_EQ(example_curve().at_far(0).tar, 0.25);
  EXPECT_DOUBLE_EQ(example_curve().at_far(0.33).tar, 0.25);
  EXPECT_DOUBLE_EQ(example_curve().at_far(1.0 / 3).tar, 0.75);
  EXPECT_FLOAT_EQ(example_curve().at_far(0.5).threshold, 2);
  EXPECT_FLOAT_EQ(example_curve().at_far(0.7).threshold, 4);
  EXPECT_DOUBLE_EQ(example_curve().at_far(1).tar, 1);
}

TEST(Roc, AtFarAcceptsNobodyWhenAStrangerIsClosest) {
  const Roc roc = roc_curve({{2}, {1}, 0, 0});
  EXPECT_DOUBLE_EQ(roc.at_far(0.5).tar, 0);
  EXPECT_LT(roc.at_far(0.5).threshold, 0);
}

TEST(Roc, AtFarCountsDecimalRatesExactly) {
  // 3 of 3,000 impostor pairs are 1e-3: the fourth must not be accepted, the third must.
  std::vector<float> impostor;
  for (int i = 1; i <= 3000; ++i) impostor.push_back(static_cast<float>(i));
  const Roc roc = roc_curve({{2.5F, 3.5F, 4.5F}, impostor, 0, 0});
  EXPECT_DOUBLE_EQ(roc.at_far(1e-3).tar, 2.0 / 3);
  EXPECT_FLOAT_EQ(roc.at_far(1e-3).threshold, 3.5F);
}

TEST(Roc, AreaIsTheShareOfPairsInTheRightOrder) {
  EXPECT_DOUBLE_EQ(example_curve().area(), 0.75);  // 9 of 12, by hand
  EXPECT_DOUBLE_EQ(roc_curve({{1, 2}, {3, 4}, 0, 0}).area(), 1);
  EXPECT_DOUBLE_EQ(roc_curve({{3, 4}, {1, 2}, 0, 0}).area(), 0);
  EXPECT_DOUBLE_EQ(roc_curve({{1, 1}, {1, 1, 1}, 0, 0}).area(), 0.5);
}

TEST(Roc, AreaAgreesWithCountingAllPairs) {
  Random random(3);
  std::vector<float> genuine(60), impostor(80);
  for (float& d : genuine) d = static_cast<float>(random.below(20));
  for (float& d : impostor) d = static_cast<float>(5 + random.below(20));
  EXPECT_NEAR(roc_curve({genuine, impostor, 0, 0}).area(), area_by_counting(genuine, impostor),
              1e-12);
}

TEST(Roc, EqualErrorRateIsInterpolated) {
  // Between (0, 0.25) and (1/3, 0.75): nine tenths of the way FAR = FRR = 0.3.
  EXPECT_NEAR(example_curve().equal_error_rate(), 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(roc_curve({{1, 2}, {3, 4}, 0, 0}).equal_error_rate(), 0);
  EXPECT_DOUBLE_EQ(roc_curve({{3, 4}, {1, 2}, 0, 0}).equal_error_rate(), 1);
  EXPECT_DOUBLE_EQ(roc_curve({{1, 1}, {1, 1}, 0, 0}).equal_error_rate(), 0.5);
}

TEST(Roc, PairsWithoutADistanceAreRejectedAtEveryThreshold) {
  const Roc roc = roc_curve({{1}, {2}, 1, 1});
  EXPECT_DOUBLE_EQ(roc.points.back().tar, 0.5);
  EXPECT_DOUBLE_EQ(roc.points.back().far, 0.5);
  EXPECT_DOUBLE_EQ(roc.at_far(1).tar, 0.5);
  EXPECT_DOUBLE_EQ(roc.area(), 0.625);  // two wins and one tie of four
  EXPECT_DOUBLE_EQ(roc.equal_error_rate(), 0.5);
}

TEST(Roc, WithoutAnyDistanceItIsTheDiagonal) {
  const Roc roc = roc_curve({{}, {}, 2, 3});
  EXPECT_DOUBLE_EQ(roc.area(), 0.5);
  EXPECT_DOUBLE_EQ(roc.equal_error_rate(), 0.5);
  EXPECT_DOUBLE_EQ(roc.at_far(0.1).tar, 0);
}

TEST(Roc, AClassWithoutPairsIsRefused) {
  EXPECT_EQ(code_of([] { roc_curve({{}, {1}, 0, 0}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { roc_curve({{1}, {}, 0, 0}); }), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
