#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/triplet_mining.h>

#include "support/error_code.h"
#include "support/numerical_gradient.h"

namespace likeness {
namespace {

using Triplet = std::array<std::int64_t, 3>;

at::Tensor whole(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::kLong);
}

/// Two pictures of Ann (0, 1), two of Bo (2, 3), one of Cy (4), and how far they are apart.
const at::Tensor kLabels = whole({0, 0, 1, 1, 2});

at::Tensor hand_made_distances() {
  return at::tensor(std::vector<double>{0,    0.5, 0.6,  0.95, 0.4,   //
                                        0.5,  0,   0.8,  0.3,  1.0,   //
                                        0.6,  0.8, 0,    0.7,  0.75,  //
                                        0.95, 0.3, 0.7,  0,    0.2,   //
                                        0.4,  1.0, 0.75, 0.2,  0},
                    at::kFloat)
      .view({5, 5});
}

MiningBatch batch_of(const at::Tensor& labels) {
  return mining_batch(at::zeros({labels.size(0), 2}), labels);
}

std::vector<Triplet> listed(const Triplets& triplets) {
  std::vector<Triplet> result;
  for (std::int64_t i = 0; i < triplets.size(); ++i)
    result.push_back({triplets.anchor[i].item<std::int64_t>(),
                      triplets.positive[i].item<std::int64_t>(),
                      triplets.negative[i].item<std::int64_t>()});
  return result;
}

std::vector<Triplet> mine(Mining strategy, const at::Tensor& distances, const at::Tensor& labels,
                          std::uint64_t seed = 1, double margin = 0.2,
                          std::int64_t dimensions = 3) {
  const MiningBatch batch = batch_of(labels);
  Random random(seed);
  return listed(mine_triplets(strategy, distances, positive_mask(batch), negative_mask(batch),
                              margin, dimensions, random));
}

std::vector<Triplet> mine(Mining strategy) {
  return mine(strategy, hand_made_distances(), kLabels);
}

const std::vector<Triplet> kAllTriplets = {{0, 1, 2}, {0, 1, 3}, {0, 1, 4}, {1, 0, 2},
                                           {1, 0, 3}, {1, 0, 4}, {2, 3, 0}, {2, 3, 1},
                                           {2, 3, 4}, {3, 2, 0}, {3, 2, 1}, {3, 2, 4}};

/// Points of the unit sphere, always the same ones.
at::Tensor sphere(std::int64_t count, std::int64_t dimensions, double phase = 0) {
  const at::Tensor angles = at::arange(count * dimensions, at::kDouble) * 1.7 + phase;
  const at::Tensor points = angles.sin().view({count, dimensions});
  return points / points.norm(2, 1, true);
}

TEST(TripletMining, AllListsEveryTripletOnce) {
  EXPECT_EQ(mine(Mining::all), kAllTriplets);
}

TEST(TripletMining, BatchAllListsThoseThatCostSomething) {
  const std::vector<Triplet> active = {{0, 1, 2}, {0, 1, 4}, {1, 0, 3}, {2, 3, 0},
                                       {2, 3, 1}, {2, 3, 4}, {3, 2, 1}, {3, 2, 4}};
  EXPECT_EQ(mine(Mining::batch_all), active);
}

TEST(TripletMining, BatchAllWithoutAnEndOfTheMarginListsEveryTriplet) {
  EXPECT_EQ(mine(Mining::batch_all, hand_made_distances(), kLabels, 1,
                 std::numeric_limits<double>::infinity()),
            kAllTriplets);
}

TEST(TripletMining, SemiHardTakesTheNearestNegativeBeyondThePositiveInsideTheMargin) {
  // (1, 0) has its next negative at 0.8 and (3, 2) at 0.95, both outside the margin.
  const std::vector<Triplet> expected = {{0, 1, 2}, {2, 3, 4}};
  EXPECT_EQ(mine(Mining::semi_hard), expected);
}

TEST(TripletMining, SemiHardNeverTakesANegativeAsNearAsThePositive) {
  at::Tensor distances = hand_made_distances();
  distances[0][2] = 0.5F;
  const std::vector<Triplet> expected = {{2, 3, 4}};
  EXPECT_EQ(mine(Mining::semi_hard, distances, kLabels), expected);
}

TEST(TripletMining, BatchHardTakesTheFarthestPositiveAndTheNearestNegative) {
  const std::vector<Triplet> expected = {{0, 1, 4}, {1, 0, 3}, {2, 3, 0}, {3, 2, 4}};
  EXPECT_EQ(mine(Mining::batch_hard), expected);
  // Three pictures of one person: the farther of the two others.
  const std::vector<Triplet> three = {{0, 2, 4}, {1, 2, 3}, {2, 1, 3}};
  EXPECT_EQ(mine(Mining::batch_hard, hand_made_distances(), whole({0, 0, 0, 1, 2})), three);
}

TEST(TripletMining, RandomTakesOneNegativeForEachPositivePairEachEquallyOften) {
  std::map<Triplet, int> count;
  constexpr int kDraws = 6000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const auto triplets =
        mine(Mining::random, hand_made_distances(), kLabels, static_cast<std::uint64_t>(seed));
    ASSERT_EQ(triplets.size(), 4U);
    for (const Triplet& triplet : triplets) ++count[triplet];
  }
  ASSERT_EQ(count.size(), kAllTriplets.size());
  // Binomial: a third of 6,000 with a standard deviation of 37.
  for (const auto& [triplet, times] : count) EXPECT_NEAR(times, kDraws / 3, 190) << triplet[0];
}

TEST(TripletMining, DistanceWeightedDrawsByTheInverseDensityOfTheSphere) {
  // In three dimensions q(d) ∝ d: at distances 0.25 (weighed as 0.5), 1 and 1.5 (beyond the cut)
  // the weights are 2 : 1 : 0.
  const at::Tensor distances =
      at::tensor(std::vector<double>{0, 0.3, 0.0625, 1, 2.25}, at::kFloat).repeat({5, 1});
  std::map<std::int64_t, int> count;
  constexpr int kDraws = 6000;
  for (int seed = 0; seed < kDraws; ++seed)
    ++count[mine(Mining::distance_weighted, distances, whole({0, 0, 1, 2, 3}),
                 static_cast<std::uint64_t>(seed))
                .front()[2]];
  EXPECT_NEAR(count[2], kDraws * 2 / 3, 190);
  EXPECT_NEAR(count[3], kDraws / 3, 190);
  EXPECT_EQ(count[4], 0);
}

TEST(TripletMining, DistanceWeightedUsesTheDimensionOfTheSphere) {
  // In five dimensions q(d) ∝ d³ (1 − d²/4): 0.375 · … at d = 0.5 and 0.75 at d = 1 give the
  // weights 1 / (0.125 · 0.9375) = 8.53 and 1 / 0.75 = 1.33.
  const at::Tensor distances =
      at::tensor(std::vector<double>{0, 0.3, 0.25, 1}, at::kFloat).repeat({4, 1});
  int near = 0;
  constexpr int kDraws = 6000;
  for (int seed = 0; seed < kDraws; ++seed)
    near += mine(Mining::distance_weighted, distances, whole({0, 0, 1, 2}),
                 static_cast<std::uint64_t>(seed), 0.2, 5)
                        .front()[2] == 2
                ? 1
                : 0;
  EXPECT_NEAR(near, kDraws * 8.5333 / (8.5333 + 1.3333), 135);
}

TEST(TripletMining, DistanceWeightedTakesTheNearestWhenAllAreBeyondTheCut) {
  const at::Tensor distances =
      at::tensor(std::vector<double>{0, 0.3, 3, 2.5, 2.7}, at::kFloat).repeat({5, 1});
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_EQ(
        mine(Mining::distance_weighted, distances, whole({0, 0, 1, 2, 3}), seed, 0.2, 192).front(),
        (Triplet{0, 1, 3}));
}

TEST(TripletMining, TheSameGeneratorGivesTheSameTriplets) {
  for (const Mining strategy : {Mining::random, Mining::distance_weighted})
    EXPECT_EQ(mine(strategy, hand_made_distances(), kLabels, 7),
              mine(strategy, hand_made_distances(), kLabels, 7));
}

TEST(TripletMining, WithoutPositivesOrNegativesThereIsNoTriplet) {
  for (const Mining strategy : all_mining_strategies()) {
    EXPECT_TRUE(mine(strategy, hand_made_distances(), whole({0, 1, 2, 3, 4})).empty());
    EXPECT_TRUE(mine(strategy, hand_made_distances(), whole({0, 0, 0, 0, 0})).empty());
    EXPECT_TRUE(mine(strategy, at::zeros({0, 0}), whole({})).empty());
  }
}

TEST(TripletMining, APartOfTheBatchAsAnchorsGivesThatPartOfTheTriplets) {
  const at::Tensor encodings = sphere(12, 4);
  const at::Tensor labels = whole({0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3});
  const at::Tensor distances = squared_distances(encodings, encodings);
  for (const Mining strategy :
       {Mining::all, Mining::semi_hard, Mining::batch_hard, Mining::batch_all}) {
    Random random(1);
    const MiningBatch joined = mining_batch(encodings, labels);
    std::vector<Triplet> expected;
    for (const Triplet& t : listed(mine_triplets(strategy, distances, positive_mask(joined),
                                                 negative_mask(joined), 0.2, 4, random)))
      if (t[0] >= 5 && t[0] < 9) expected.push_back({t[0] - 5, t[1], t[2]});
    ASSERT_FALSE(expected.empty());

    const MiningBatch part = mining_batch(encodings, labels, 5, 4);
    EXPECT_EQ(part.anchors.size(0), 4);
    EXPECT_EQ(listed(mine_triplets(strategy, squared_distances(part.anchors, part.candidates),
                                   positive_mask(part), negative_mask(part), 0.2, 4, random)),
              expected)
        << to_string(strategy);
  }
}

TEST(TripletMining, RefusesToListMoreTripletsThanFitInMemory) {
  std::vector<std::int64_t> labels(700, 0);
  labels.back() = 1;
  const at::Tensor distances = at::ones({700, 700});
  for (const Mining strategy : {Mining::all, Mining::batch_all}) {
    const auto call = [&] { mine(strategy, distances, whole(labels)); };
    EXPECT_EQ(code_of(call), ErrorCode::too_large);
    EXPECT_NE(message_of(call).find("batch-hard"), std::string::npos);
  }
  EXPECT_EQ(mine(Mining::batch_hard, distances, whole(labels)).size(), 699U);
}

TEST(TripletMining, NamesAreThoseOfThePapers) {
  for (const Mining strategy : all_mining_strategies())
    EXPECT_EQ(mining_from_name(to_string(strategy)), strategy);
  EXPECT_EQ(all_mining_strategies().size(), 6U);
  EXPECT_EQ(to_string(Mining::semi_hard), "semi-hard");
  EXPECT_EQ(code_of([] { mining_from_name("hard"); }), ErrorCode::invalid_argument);
  EXPECT_NE(message_of([] { mining_from_name("hard"); }).find("batch-hard"), std::string::npos);
}

/// Unit vectors of the plane with chosen angles: d = 2 − 2·cos(difference).
at::Tensor on_circle(const std::vector<double>& degrees) {
  const at::Tensor angles = at::tensor(degrees, at::kDouble) * (3.14159265358979323846 / 180);
  return at::stack({angles.cos(), angles.sin()}, 1);
}

TEST(MinedTripletLoss, IsTheMeanOverTheChosenTripletsAndSaysHowTheyLie) {
  // Ann at 0° and 60° (d = 1), Bo at 90° and 180° (d = 2): Ann's nearest strangers are Bo at 90°,
  // d = 2 and 2 − √3; Bo's are Ann at 60°, d = 2 − √3 and 3.
  const MiningBatch batch = mining_batch(on_circle({0, 60, 90, 180}), whole({0, 0, 1, 1}));
  Random random(1);
  const MinedLoss mined = mined_triplet_loss(batch, {.strategy = Mining::batch_hard}, {}, random);
  const double near = 2 - std::sqrt(3);
  EXPECT_NEAR(mined.loss.item<double>(), (0 + (1 - near + 0.2) + (2 - near + 0.2) + 0) / 4, 1e-9);
  EXPECT_EQ(mined.statistics.triplets, 4);
  EXPECT_DOUBLE_EQ(mined.statistics.active, 0.5);
  EXPECT_NEAR(mined.statistics.positive_distance, 1.5, 1e-9);
  EXPECT_NEAR(mined.statistics.negative_distance, (2 + near + near + 3) / 4, 1e-9);
  // All eight: d_an is 2 and 4 for 0°, near and 3 for 60°, 2 and near for 90°, 4 and 3 for 180°.
  EXPECT_DOUBLE_EQ(mined.statistics.active_of_all, 3.0 / 8);
}

TEST(MinedTripletLoss, ShareOfActiveTripletsIsThatOfAllAndBatchAll) {
  const MiningBatch batch = mining_batch(sphere(15, 4), at::arange(15, at::kLong).div(3, "floor"));
  Random random(1);
  const auto mined = [&](Mining strategy) {
    return mined_triplet_loss(batch, {.strategy = strategy}, {}, random).statistics;
  };
  const MiningStatistics all = mined(Mining::all);
  const MiningStatistics active = mined(Mining::batch_all);
  EXPECT_EQ(all.triplets, 15 * 2 * 12);
  EXPECT_GT(all.active, 0.1);
  EXPECT_LT(all.active, 0.9);
  EXPECT_DOUBLE_EQ(all.active, static_cast<double>(active.triplets) / all.triplets);
  EXPECT_DOUBLE_EQ(active.active, 1);
  for (const Mining strategy : all_mining_strategies())
    EXPECT_DOUBLE_EQ(mined(strategy).active_of_all, all.active) << to_string(strategy);
}

TEST(MinedTripletLoss, GradientsThroughTheDistanceMatrixAreTheNumericalOnes) {
  const at::Tensor labels = whole({0, 0, 0, 1, 1, 1, 2, 2, 2});
  const at::Tensor start = sphere(9, 4);
  for (const Mining strategy : all_mining_strategies()) {
    for (const bool soft : {false, true}) {
      const TripletLossOptions options{.margin = 0.4, .soft_margin = soft, .sharpness = 3};
      const auto loss = [&](const at::Tensor& x) {
        Random random(5);
        return mined_triplet_loss(mining_batch(x, labels), {.strategy = strategy}, options, random)
            .loss;
      };
      const at::Tensor x = start.clone().requires_grad_();
      loss(x).backward();
      const at::Tensor expected =
          numerical_gradient([&](const at::Tensor& at) { return loss(at).item<double>(); }, start);
      EXPECT_GT(expected.abs().max().item<double>(), 0.01) << to_string(strategy);
      EXPECT_LT((x.grad() - expected).abs().max().item<double>(), 1e-7) << to_string(strategy);
    }
  }
}

TEST(MinedTripletLoss, WithoutATripletIsZeroWithAGradientOfZero) {
  for (const Mining strategy : all_mining_strategies()) {
    const at::Tensor x = sphere(4, 3).requires_grad_();
    Random random(1);
    const MinedLoss mined = mined_triplet_loss(mining_batch(x, whole({0, 1, 2, 3})),
                                               {.strategy = strategy}, {}, random);
    mined.loss.backward();
    EXPECT_EQ(mined.loss.item<double>(), 0);
    EXPECT_EQ(mined.statistics.triplets, 0);
    EXPECT_EQ(mined.statistics.active_of_all, 0);
    EXPECT_EQ(x.grad().abs().sum().item<double>(), 0);
  }
}

TEST(MinedTripletLoss, IsNoNumberWhenAnEncodingIsNone) {
  for (const Mining strategy : all_mining_strategies()) {
    at::Tensor x = sphere(4, 3);
    x[1][1] = std::numeric_limits<double>::quiet_NaN();
    Random random(1);
    const MinedLoss mined = mined_triplet_loss(mining_batch(x, whole({0, 0, 1, 1})),
                                               {.strategy = strategy}, {}, random);
    EXPECT_TRUE(std::isnan(mined.loss.item<double>())) << to_string(strategy);
  }
}

TEST(MinedTripletLoss, TwoHalvesAsAnchorsHaveTheGradientOfTheWholeTogether) {
  const at::Tensor labels = whole({0, 0, 1, 1, 0, 0, 2, 2});
  const auto gradient = [&](std::int64_t first, std::int64_t count) {
    const at::Tensor x = sphere(8, 4).requires_grad_();
    Random random(1);
    mined_triplet_loss(mining_batch(x, labels, first, count), {.strategy = Mining::batch_hard}, {},
                       random)
        .loss.backward();
    return x.grad();
  };
  const at::Tensor whole_batch = gradient(0, 8);
  const at::Tensor halves = (gradient(0, 4) + gradient(4, 4)) / 2;
  EXPECT_GT(whole_batch.abs().max().item<double>(), 0.01);
  EXPECT_LT((whole_batch - halves).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace likeness
