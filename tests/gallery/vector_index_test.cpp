#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/core/random.h>
#include <likeness/gallery/vector_index.h>

#include "gallery/distance.h"
#include "support/clustered_rows.h"
#include "support/temporary_folder.h"

#ifdef __SANITIZE_THREAD__
// hnswlib holds the lock of an entry that it adds while it takes those of others. Two threads
// cannot wait for each other: a thread reaches only entries that are linked in the layer where it
// searches, and those are past their own search of it.
extern "C" const char* __tsan_default_suppressions() {
  return "deadlock:hnswlib";
}
#endif

namespace likeness {
namespace {

/// The share of the `count` closest that the index finds.
double recall(const VectorIndex& index, const std::vector<Row>& rows,
              const std::vector<Row>& probes, std::size_t count, int breadth = 0) {
  std::size_t found = 0;
  for (const Row& probe : probes) {
    const auto expected = brute_force(rows, probe, count);
    const std::set<std::int64_t> wanted(expected.begin(), expected.end());
    for (const IndexHit& hit : index.nearest(probe, count, breadth)) found += wanted.count(hit.id);
  }
  return static_cast<double>(found) / static_cast<double>(probes.size() * count);
}

IndexOptions graph_options() {
  return {.kind = IndexKind::graph};
}

class BothKinds : public testing::TestWithParam<IndexKind> {
 protected:
  VectorIndex make() const { return VectorIndex(kDimensions, {.kind = GetParam()}); }
};
INSTANTIATE_TEST_SUITE_P(VectorIndex, BothKinds,
                         testing::Values(IndexKind::exact, IndexKind::graph), [](const auto& info) {
                           return info.param == IndexKind::exact ? "exact" : "graph";
                         });

TEST(DistanceKernels, AgreeWithDoubles) {
  Random random(3);
  for (const int dimensions : {1, 31, 32, 48, 192, 320}) {
    const Row a = random_row(random, dimensions);
    const Row b = random_row(random, dimensions);
    const std::size_t size = padded(a.size());
    Row padded_a(size), padded_b(size);
    std::copy(a.begin(), a.end(), padded_a.begin());
    std::copy(b.begin(), b.end(), padded_b.begin());
    EXPECT_NEAR(distance_kernels().squared(padded_a.data(), padded_b.data(), &size),
                squared_distance(a, b), 1e-5);
    std::vector<std::uint16_t> rounded(size);
    const float moved = round_to_bf16(padded_b.data(), size, rounded.data());
    EXPECT_LE(moved, 1.0 / 256);
    float distance = 0;
    distance_kernels().squared_bf16(padded_a.data(), rounded.data(), 1, size, &distance);
    EXPECT_NEAR(std::sqrt(distance), std::sqrt(squared_distance(a, b)), moved + 1e-5);
  }
}

TEST(ExactIndex, FindsWhatBruteForceFinds) {
  Random random(1);
  std::vector<Row> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back(random_row(random));
  VectorIndex index(kDimensions);
  add_all(index, rows);
  for (const Row& probe : probes_of(rows, 50)) {
    const auto hits = index.nearest(probe, 10);
    EXPECT_EQ(ids_of(hits), brute_force(rows, probe, 10));
    for (const IndexHit& hit : hits)
      EXPECT_NEAR(hit.distance, squared_distance(rows[static_cast<std::size_t>(hit.id)], probe),
                  1e-5);
  }
}

// Rows that bfloat16 cannot tell apart: what a search by rounded rows alone gets wrong.
TEST(ExactIndex, OrdersWhatRoundingMakesEqual) {
  Random random(2);
  const Row centre = random_row(random);
  std::vector<Row> rows;
  for (int i = 0; i < 2000; ++i) rows.push_back(near_to(centre, 0.002F, random));
  VectorIndex index(kDimensions);
  add_all(index, rows);
  for (int i = 0; i < 20; ++i) {
    const Row probe = near_to(centre, 0.3F, random);
    const auto all = index.nearest(probe, rows.size());
    const auto few = index.nearest(probe, 5);
    ASSERT_EQ(all.size(), rows.size());
    EXPECT_EQ(ids_of(few), ids_of({all.begin(), all.begin() + 5}));
    EXPECT_NEAR(
        few[0].distance,
        squared_distance(rows[static_cast<std::size_t>(brute_force(rows, probe, 1)[0])], probe),
        1e-6);
  }
}

TEST_P(BothKinds, AnEmptyIndexHasNoHits) {
  const VectorIndex index = make();
  EXPECT_EQ(index.size(), 0U);
  EXPECT_TRUE(index.nearest(Row(kDimensions, 0.1F), 5).empty());
}

TEST_P(BothKinds, MoreThanThereAreGivesAll) {
  const auto rows = clustered_rows(700, 4);
  VectorIndex index = make();
  add_all(index, rows);
  EXPECT_EQ(ids_of(index.nearest(rows[3], 1000)), brute_force(rows, rows[3], 1000));
  EXPECT_TRUE(index.nearest(rows[3], 0).empty());
}

TEST_P(BothKinds, EqualDistancesAreOrderedById) {
  Random random(5);
  const Row row = random_row(random);
  VectorIndex index = make();
  for (const std::int64_t id : {9, 2, 7, 4}) index.add(id, row);
  EXPECT_EQ(ids_of(index.nearest(row, 3)), (std::vector<std::int64_t>{2, 4, 7}));
}

TEST_P(BothKinds, GrowsEntryByEntry) {
  const auto rows = clustered_rows(2500, 6);
  VectorIndex index = make();
  for (std::size_t i = 0; i < rows.size(); ++i) index.add(static_cast<std::int64_t>(i), rows[i]);
  EXPECT_EQ(index.size(), rows.size());
  std::size_t found = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found += index.nearest(rows[i], 1)[0].id == static_cast<std::int64_t>(i) ? 1 : 0;
  EXPECT_GE(found, rows.size() * 99 / 100);
}

TEST_P(BothKinds, WhatWasRemovedIsNotFound) {
  const auto rows = clustered_rows(3000, 7);
  VectorIndex index = make();
  add_all(index, rows);
  // Every person's first 15 of 20, so that whole neighbourhoods go, far beyond a quarter.
  std::vector<Row> left;
  std::vector<std::int64_t> left_ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % 20 < 15) {
      EXPECT_TRUE(index.remove(static_cast<std::int64_t>(i)));
      EXPECT_FALSE(index.remove(static_cast<std::int64_t>(i)));
    } else {
      left.push_back(rows[i]);
      left_ids.push_back(static_cast<std::int64_t>(i));
    }
  }
  EXPECT_EQ(index.size(), left.size());
  std::size_t found = 0;
  const auto probes = probes_of(rows, 200);
  for (const Row& probe : probes) {
    const auto hits = index.nearest(probe, 1);
    ASSERT_EQ(hits.size(), 1U);
    const auto closest = static_cast<std::size_t>(brute_force(left, probe, 1)[0]);
    found += hits[0].id == left_ids[closest] ? 1 : 0;
  }
  EXPECT_GE(found, 190U);
  index.add(0, rows[0]);
  EXPECT_EQ(index.nearest(rows[0], 1)[0].id, 0);
}

TEST_P(BothKinds, AllCanBeRemovedAndAddedAgain) {
  const auto rows = clustered_rows(60, 8);
  VectorIndex index = make();
  for (int round = 0; round < 3; ++round) {
    add_all(index, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) index.remove(static_cast<std::int64_t>(i));
    EXPECT_EQ(index.size(), 0U);
    EXPECT_TRUE(index.nearest(rows[0], 3).empty());
  }
}

TEST_P(BothKinds, RefusesWhatItsContractForbids) {
  VectorIndex index = make();
  const Row row(kDimensions, 0.1F);
  index.add(1, row);
  EXPECT_THROW(index.add(1, row), std::logic_error);
  EXPECT_THROW(index.add(2, Row(kDimensions - 1)), std::logic_error);
  EXPECT_THROW(index.nearest(Row(kDimensions + 1), 1), std::logic_error);
  EXPECT_EQ(index.size(), 1U);
}

TEST_P(BothKinds, ManyThreadsMaySearch) {
  const auto rows = clustered_rows(3000, 9);
  VectorIndex index = make();
  add_all(index, rows);
  std::array<std::size_t, 4> found{};
  std::vector<std::thread> threads;
  for (std::size_t& mine : found)
    threads.emplace_back([&] {
      for (std::int64_t i = 0; i < 300; ++i)
        mine += index.nearest(rows[static_cast<std::size_t>(i)], 1)[0].id == i ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::size_t mine : found) EXPECT_EQ(mine, found[0]);
  EXPECT_GE(found[0], 295U);
}

TEST(GraphIndex, RecallIsHigh) {
  const auto rows = clustered_rows(5000, 10);
  const auto probes = probes_of(rows, 200);
  for (const int threads : {1, 3}) {
    VectorIndex index(kDimensions, graph_options());
    add_all(index, rows, threads);
    EXPECT_GE(recall(index, rows, probes, 1), 0.95) << threads;
    EXPECT_GE(recall(index, rows, probes, 10), 0.95) << threads;
  }
}

// Strangers to all: nobody stands out, so that a search goes on to its breadth.
TEST(GraphIndex, ABroaderSearchMissesLess) {
  Random random(13);
  const auto rows = clustered_rows(5000, 14);
  VectorIndex index(kDimensions, graph_options());
  add_all(index, rows);
  std::vector<Row> strangers;
  for (int i = 0; i < 200; ++i) strangers.push_back(random_row(random));
  EXPECT_LT(recall(index, rows, strangers, 1, 2), 0.9);
  EXPECT_GE(recall(index, rows, strangers, 1, 800), 0.98);
}

TEST(GraphIndex, IsSearchableWithFewerThanAQuarterRemoved) {
  auto rows = clustered_rows(5000, 11);
  VectorIndex index(kDimensions, graph_options());
  add_all(index, rows);
  for (std::size_t i = 0; i < 1100; ++i) index.remove(static_cast<std::int64_t>(i));
  // Moved out of reach for the brute force too.
  for (std::size_t i = 0; i < 1100; ++i) rows[i].assign(kDimensions, 100.0F);
  const std::vector<Row> left(rows.begin() + 1100, rows.end());
  EXPECT_GE(recall(index, rows, probes_of(left, 200), 5), 0.95);
}

TEST(GraphIndex, IsTheSameEveryTimeOnOneThread) {
  const auto rows = clustered_rows(1500, 12);
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"}) {
    VectorIndex index(kDimensions, graph_options());
    add_all(index, rows);
    index.save(folder.path() / name, {}, "digest");
  }
  EXPECT_EQ(read_file(folder.path() / "a", 1 << 24), read_file(folder.path() / "b", 1 << 24));
}

}  // namespace
}  // namespace likeness
