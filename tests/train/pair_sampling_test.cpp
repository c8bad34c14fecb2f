#include <map>
#include <set>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/pair_sampling.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Indices = std::vector<std::int64_t>;

const Indices kPairPeople = {4, 4, 4, 4, 7, 7, 9, 4};

std::int64_t label(std::int64_t picture) {
  return kPairPeople.at(static_cast<std::size_t>(picture));
}

TEST(BalancedPairs, AreHalfOfOnePersonAndHalfOfTwo) {
  Random random(1);
  const PairSample pairs = balanced_pairs(kPairPeople, 1000, random);
  ASSERT_EQ(pairs.first.size(), 1000U);
  std::map<std::int64_t, int> genuine;
  std::map<std::int64_t, int> impostor;
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(pairs.same_person[i], i < 500);
    EXPECT_NE(pairs.first[i], pairs.second[i]);
    EXPECT_EQ(label(pairs.first[i]) == label(pairs.second[i]), i < 500);
    ++(i < 500 ? genuine : impostor)[label(pairs.first[i])];
  }
  // Every identity as often as the others, however many pictures it has.
  EXPECT_NEAR(genuine[4], 250, 50);
  EXPECT_NEAR(genuine[7], 250, 50);
  EXPECT_EQ(genuine[9], 0);
  for (const std::int64_t person : {4, 7, 9}) EXPECT_NEAR(impostor[person], 167, 45);
}

TEST(BalancedPairs, UseEveryPicture) {
  Random random(2);
  const PairSample pairs = balanced_pairs(kPairPeople, 400, random);
  EXPECT_EQ(std::set<std::int64_t>(pairs.first.begin(), pairs.first.end()).size(), 8U);
  EXPECT_EQ(std::set<std::int64_t>(pairs.second.begin(), pairs.second.end()).size(), 8U);
}

TEST(BalancedPairs, AreDecidedByTheGenerator) {
  Random a(3);
  Random b(3);
  EXPECT_EQ(balanced_pairs(kPairPeople, 50, a).second, balanced_pairs(kPairPeople, 50, b).second);
  EXPECT_EQ(a.state(), b.state());
}

TEST(BalancedPairs, NeedTwoIdentitiesAndTwoPicturesOfOne) {
  Random random(1);
  for (const Indices& labels : {Indices{}, Indices{1, 1, 1}, Indices{1, 2, 3}})
    EXPECT_EQ(code_of([&] { balanced_pairs(labels, 2, random); }), ErrorCode::invalid_argument);
}

/// On a line: who is near whom can be read off.
at::Tensor on_a_line(const std::vector<double>& places) {
  return at::tensor(places, at::kFloat).unsqueeze(1);
}

TEST(HardNegativePairs, ComeFromTheNearestPicturesOfOtherPeople) {
  const at::Tensor encodings = on_a_line({0, 1, 2, 3, 2.2, 5, 9, 4});
  Random random(4);
  const PairSample pairs = hard_negative_pairs(encodings, kPairPeople, 600, 1, random);
  const std::map<std::int64_t, std::int64_t> nearest = {{0, 4}, {1, 4}, {2, 4}, {3, 4},
                                                        {4, 2}, {5, 7}, {7, 5}};
  ASSERT_EQ(pairs.first.size(), 600U);
  for (std::size_t i = 300; i < 600; ++i) {
    EXPECT_FALSE(pairs.same_person[i]);
    EXPECT_EQ(pairs.first[i], pairs.first[i - 300]);
    EXPECT_EQ(pairs.second[i], nearest.at(pairs.first[i]));
  }
  Random again(4);
  const PairSample balanced = balanced_pairs(kPairPeople, 600, again);
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(pairs.second[i], balanced.second[i]);
}

TEST(HardNegativePairs, AreDrawnFromAsManyNeighboursAsWereAskedFor) {
  const at::Tensor encodings = on_a_line({0, 1, 2, 3, 2.2, 5, 9, 4});
  for (const int nearest : {2, 3, 100}) {
    Random random(5);
    const PairSample pairs = hard_negative_pairs(encodings, kPairPeople, 2000, nearest, random);
    std::map<std::int64_t, std::set<std::int64_t>> seen;
    for (std::size_t i = 1000; i < 2000; ++i) {
      EXPECT_NE(label(pairs.first[i]), label(pairs.second[i]));
      seen[pairs.first[i]].insert(pairs.second[i]);
    }
    // Of picture 0 there are three strangers: 4, 5, 6, in that order.
    EXPECT_EQ(seen[0].size(), static_cast<std::size_t>(std::min(nearest, 3))) << nearest;
    EXPECT_EQ(seen[0].contains(6), nearest >= 3);
  }
}

}  // namespace
}  // namespace likeness
