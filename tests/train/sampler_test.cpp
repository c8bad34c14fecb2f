#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/train/sampler.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Indices = std::vector<std::int64_t>;

/// Labels of identities with the given numbers of pictures, in an order that mixes them.
Indices labels_of(const std::vector<int>& counts) {
  Indices labels;
  for (int turn = 0; turn < *std::max_element(counts.begin(), counts.end()); ++turn)
    for (std::size_t identity = 0; identity < counts.size(); ++identity)
      if (turn < counts[identity]) labels.push_back(100 + static_cast<std::int64_t>(identity));
  return labels;
}

const std::vector<int> kCounts = {5, 2, 9, 4, 1, 6, 3, 1, 1, 8};

TEST(IdentitySampler, ABatchIsPIdentitiesTimesKPictures) {
  const Indices labels = labels_of(kCounts);
  IdentitySampler sampler(labels, {.identities = 3, .pictures = 4, .lone_pictures = 2}, 1);
  EXPECT_EQ(sampler.batch_size(), 14);
  EXPECT_EQ(sampler.eligible_identities(), 7);
  EXPECT_EQ(sampler.lone_identities(), 3);
  EXPECT_EQ(sampler.batches_per_epoch(), 4);  // 37 pictures by twelve
  for (int i = 0; i < 50; ++i) {
    const Indices batch = sampler.next();
    ASSERT_EQ(batch.size(), 14U);
    std::set<std::int64_t> identities;
    for (std::size_t p = 0; p < 3; ++p) {
      const auto label = [&](std::size_t k) {
        return labels.at(static_cast<std::size_t>(batch[4 * p + k]));
      };
      for (std::size_t k = 1; k < 4; ++k) EXPECT_EQ(label(k), label(0));
      identities.insert(label(0));
      const int owned = kCounts[static_cast<std::size_t>(label(0) - 100)];
      std::map<std::int64_t, int> uses;
      for (std::size_t k = 0; k < 4; ++k) ++uses[batch[4 * p + k]];
      // Repeats only where there are fewer than K, and as few as can be.
      EXPECT_EQ(uses.size(), static_cast<std::size_t>(std::min(owned, 4)));
      for (const auto& [picture, times] : uses) EXPECT_LE(times, (4 + owned - 1) / owned);
    }
    EXPECT_EQ(identities.size(), 3U);
    EXPECT_NE(batch[12], batch[13]);
    for (std::size_t k : {12U, 13U}) {
      const std::int64_t label = labels[static_cast<std::size_t>(batch[k])];
      EXPECT_EQ(kCounts[static_cast<std::size_t>(label - 100)], 1);
    }
  }
}

TEST(IdentitySampler, EveryIdentityAndEveryPictureHasItsTurn) {
  const Indices labels = labels_of(kCounts);
  IdentitySampler sampler(labels, {.identities = 3, .pictures = 2, .lone_pictures = 1}, 1);
  std::map<std::int64_t, int> identities;
  std::map<std::int64_t, int> pictures;
  constexpr int kBatches = 700;
  for (int i = 0; i < kBatches; ++i) {
    for (const std::int64_t picture : sampler.next()) {
      ++pictures[picture];
      ++identities[labels[static_cast<std::size_t>(picture)]];
    }
  }
  EXPECT_EQ(pictures.size(), labels.size());
  // Three of seven identities a batch, two pictures each: 600 draws.
  for (std::int64_t i : {0, 1, 2, 3, 5, 6, 9}) EXPECT_NEAR(identities[100 + i], 600, 60) << i;
  for (std::int64_t i : {4, 7, 8}) EXPECT_NEAR(identities[100 + i], kBatches / 3, 2) << i;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int owned = kCounts[static_cast<std::size_t>(labels[i] - 100)];
    if (owned == 1) continue;
    EXPECT_NEAR(pictures[static_cast<std::int64_t>(i)], 600 / owned, 45) << i;
  }
}

TEST(IdentitySampler, IdentitiesTakeTurns) {
  const Indices labels = labels_of({3, 3, 3, 3, 3, 3});
  IdentitySampler sampler(labels, {.identities = 2, .pictures = 2, .lone_pictures = 0}, 9);
  for (int round = 0; round < 20; ++round) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 3; ++i)
      for (const std::int64_t picture : sampler.next())
        seen.insert(labels[static_cast<std::size_t>(picture)]);
    EXPECT_EQ(seen.size(), 6U);
  }
}

TEST(IdentitySampler, TheSeedDecidesEverything) {
  const Indices labels = labels_of(kCounts);
  const auto batches = [&](std::uint64_t seed) {
    IdentitySampler sampler(labels, {.identities = 3, .pictures = 4}, seed);
    Indices all;
    for (int i = 0; i < 20; ++i) {
      const Indices batch = sampler.next();
      all.insert(all.end(), batch.begin(), batch.end());
    }
    return all;
  };
  EXPECT_EQ(batches(1), batches(1));
  EXPECT_NE(batches(1), batches(2));
}

TEST(IdentitySampler, ARestoredOneGoesOnExactlyWhereverTheStateWasTaken) {
  const Indices labels = labels_of(kCounts);
  const SamplerOptions options{.identities = 3, .pictures = 4, .lone_pictures = 2};
  IdentitySampler sampler(labels, options, 5);
  for (int i = 0; i < 12; ++i) {
    const SamplerState state = sampler.state();
    IdentitySampler other(labels, options, 77);
    other.next();
    other.restore(state);
    EXPECT_EQ(other.state(), state);
    EXPECT_EQ(sampler.next(), other.next()) << i;
    EXPECT_EQ(sampler.next(), other.next()) << i;
  }
}

TEST(IdentitySampler, RefusesTheStateOfAnotherDataSetOrOtherOptions) {
  const Indices labels = labels_of(kCounts);
  const SamplerOptions options{.identities = 3, .pictures = 4, .lone_pictures = 2};
  const SamplerState state = IdentitySampler(labels, options, 5).state();
  const auto restore = [&](const Indices& others, const SamplerOptions& changed) {
    IdentitySampler(others, changed, 5).restore(state);
  };
  Indices relabelled = labels;
  std::swap(relabelled[0], relabelled[1]);
  const auto code = [&](const Indices& others, const SamplerOptions& changed) {
    return code_of([&] { restore(others, changed); });
  };
  EXPECT_EQ(code(relabelled, options), ErrorCode::invalid_argument);
  EXPECT_EQ(code(labels_of({5, 2, 9, 4, 1, 6}), options), ErrorCode::invalid_argument);
  EXPECT_EQ(code(labels, {.identities = 4, .pictures = 4, .lone_pictures = 2}),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code(labels, {.identities = 3, .pictures = 3, .lone_pictures = 2}),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code(labels, {.identities = 3, .pictures = 4, .lone_pictures = 1}),
            ErrorCode::invalid_argument);
  restore(labels, options);
}

TEST(IdentitySampler, SaysHowManyIdentitiesThereAreWhenTheyAreFewerThanP) {
  const auto make = [] { IdentitySampler(labels_of(kCounts), {.identities = 8}, 1); };
  EXPECT_EQ(code_of(make), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(make).find("only 7 identities"), std::string::npos) << message_of(make);
  EXPECT_NE(message_of(make).find("P = 8"), std::string::npos) << message_of(make);
}

TEST(IdentitySampler, RefusesBatchesWithoutTriplets) {
  const Indices labels = labels_of(kCounts);
  for (const SamplerOptions& options :
       {SamplerOptions{.identities = 1, .pictures = 4},
        SamplerOptions{.identities = 4, .pictures = 1},
        SamplerOptions{.identities = 4, .pictures = 4, .lone_pictures = -1}})
    EXPECT_EQ(code_of([&] { IdentitySampler(labels, options, 1); }), ErrorCode::invalid_argument);
}

TEST(IdentitySampler, TakesAllLonePicturesWhenThereAreFewerThanAskedFor) {
  const Indices labels = labels_of(kCounts);
  IdentitySampler sampler(labels, {.identities = 2, .pictures = 2, .lone_pictures = 50}, 1);
  EXPECT_EQ(sampler.batch_size(), 7);
  const Indices batch = sampler.next();
  EXPECT_EQ(std::set<std::int64_t>(batch.begin() + 4, batch.end()).size(), 3U);
  IdentitySampler none(labels_of({3, 3}), {.identities = 2, .pictures = 2}, 1);
  EXPECT_EQ(none.batch_size(), 4);
  EXPECT_EQ(none.next().size(), 4U);
}

}  // namespace
}  // namespace likeness
