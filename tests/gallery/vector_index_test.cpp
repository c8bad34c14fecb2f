#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/core/random.h>
#include <likeness/gallery/vector_index.h>

#include "gallery/distance.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

using Row = std::vector<float>;

constexpr int kDimensions = 48;  // not a multiple of what the kernels read at once

void normalise(Row& row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * value;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
}

Row random_row(Random& random, int dimensions = kDimensions) {
  std::normal_distribution<float> normal;
  Row row(static_cast<std::size_t>(dimensions));
  for (float& value : row) value = normal(random);
  normalise(row);
  return row;
}

Row near_to(const Row& row, float noise, Random& random) {
  Row other = random_row(random, static_cast<int>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) other[i] = row[i] + noise * other[i];
  normalise(other);
  return other;
}

/// `count` rows around count/20 centres.
std::vector<Row> clustered_rows(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Row> rows;
  Row centre;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 20 == 0) centre = random_row(random);
    rows.push_back(near_to(centre, 0.7F, random));
  }
  return rows;
}

double squared_distance(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return sum;
}

/// Ids (positions in `rows`) by distance.
std::vector<std::int64_t> brute_force(const std::vector<Row>& rows, const Row& probe,
                                      std::size_t count) {
  std::vector<std::pair<double, std::int64_t>> order;
  for (std::size_t i = 0; i < rows.size(); ++i)
    order.emplace_back(squared_distance(rows[i], probe), static_cast<std::int64_t>(i));
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) ids.push_back(order[i].second);
  return ids;
}

std::vector<std::int64_t> ids_of(const std::vector<IndexHit>& hits) {
  std::vector<std::int64_t> ids;
  for (const IndexHit& hit : hits) ids.push_back(hit.id);
  return ids;
}

void add_all(VectorIndex& index, const std::vector<Row>& rows, int threads = 1) {
  std::vector<std::int64_t> ids(rows.size());
  std::iota(ids.begin(), ids.end(), 0);
  Row all;
  for (const Row& row : rows) all.insert(all.end(), row.begin(), row.end());
  index.add(ids, all, threads);
}

/// The share of the `count` closest that the index finds.
double recall(const VectorIndex& index, const std::vector<Row>& rows,
              const std::vector<Row>& probes, std::size_t count) {
  std::size_t found = 0;
  for (const Row& probe : probes) {
    const auto expected = brute_force(rows, probe, count);
    const std::set<std::int64_t> wanted(expected.begin(), expected.end());
    for (const IndexHit& hit : index.nearest(probe, count)) found += wanted.count(hit.id);
  }
  return static_cast<double>(found) / static_cast<double>(probes.size() * count);
}

std::vector<Row> probes_of(const std::vector<Row>& rows, std::size_t count) {
  Random random(99);
  std::vector<Row> probes;
  for (std::size_t i = 0; i < count; ++i)
    probes.push_back(near_to(rows[random.below(rows.size())], 0.5F, random));
  return probes;
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
    std::vector<std::pair<float, std::int64_t>> expected;
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

class IndexFile : public BothKinds {
 protected:
  IndexFile() : rows_(clustered_rows(1500, 13)), key_(32, 0x5a) {
    VectorIndex index = make();
    add_all(index, rows_);
    index.remove(17);
    index.save(hidden_, key_, "digest");
    index.save(clear_, {}, "digest");
  }
  bool opens(const std::filesystem::path& path) const {
    const auto key =
        path == hidden_ ? std::span<const std::uint8_t>(key_) : std::span<const std::uint8_t>();
    return VectorIndex::load(path, key, "digest", kDimensions).has_value();
  }
  bool opens_with(const std::filesystem::path& path, const Bytes& content) const {
    write_file(path, content);
    return opens(path);
  }

  TemporaryFolder folder_;
  std::filesystem::path hidden_ = folder_.path() / "hidden.index";
  std::filesystem::path clear_ = folder_.path() / "clear.index";
  std::vector<Row> rows_;
  Bytes key_;
};
INSTANTIATE_TEST_SUITE_P(VectorIndex, IndexFile,
                         testing::Values(IndexKind::exact, IndexKind::graph), [](const auto& info) {
                           return info.param == IndexKind::exact ? "exact" : "graph";
                         });

TEST_P(IndexFile, ComesBackAsItWas) {
  VectorIndex original = make();
  add_all(original, rows_);
  original.remove(17);
  for (const auto& path : {hidden_, clear_}) {
    const Bytes key = path == hidden_ ? key_ : Bytes();
    auto loaded = VectorIndex::load(path, key, "digest", kDimensions);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->kind(), GetParam());
    EXPECT_EQ(loaded->size(), rows_.size() - 1);
    for (const Row& probe : probes_of(rows_, 30)) {
      const auto expected = original.nearest(probe, 7);
      const auto hits = loaded->nearest(probe, 7);
      EXPECT_EQ(ids_of(hits), ids_of(expected));
      EXPECT_EQ(hits[6].distance, expected[6].distance);
    }
    loaded->add(17, rows_[17]);
    EXPECT_EQ(loaded->nearest(rows_[17], 1)[0].id, 17);
    EXPECT_TRUE(loaded->remove(3));
  }
}

TEST_P(IndexFile, OpensForNoOtherKeyDigestOrSize) {
  Bytes other = key_;
  other[31] ^= 1;
  EXPECT_TRUE(VectorIndex::load(hidden_, key_, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(hidden_, other, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(hidden_, {}, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(clear_, key_, "digest", kDimensions));
  for (const auto& path : {hidden_, clear_}) {
    const Bytes key = path == hidden_ ? key_ : Bytes();
    EXPECT_FALSE(VectorIndex::load(path, key, "another", kDimensions));
    EXPECT_FALSE(VectorIndex::load(path, key, "digest", kDimensions + 1));
  }
  EXPECT_FALSE(VectorIndex::load(folder_.path() / "none", key_, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(folder_.path(), key_, "digest", kDimensions));
}

TEST_P(IndexFile, OpensForNoDamage) {
  for (const auto& path : {hidden_, clear_}) {
    const Bytes whole = read_file(path, 1 << 24);
    EXPECT_TRUE(opens_with(path, whole));
    for (const double part : {0.0, 0.0001, 0.1, 0.5, 0.99, 0.999999}) {
      const auto at = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
      Bytes damaged = whole;
      damaged[at] ^= 4;
      EXPECT_FALSE(opens_with(path, damaged)) << path << " flipped at " << at;
      damaged = Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
      EXPECT_FALSE(opens_with(path, damaged)) << path << " of " << at << " bytes";
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(opens_with(path, longer)) << path;
  }
}

// Chunks of two files, or of one in another order, must not pass as one file.
TEST_P(IndexFile, OpensForNoMixture) {
  const auto rows = clustered_rows(6000, 14);
  VectorIndex index = make();
  add_all(index, rows);
  index.save(hidden_, key_, "digest");
  const Bytes one = read_file(hidden_, 1 << 24);
  index.save(hidden_, key_, "digest");
  Bytes other = read_file(hidden_, 1 << 24);
  ASSERT_EQ(one.size(), other.size());
  ASSERT_GT(one.size(), std::size_t{1} << 20);
  std::copy(one.begin() + (1 << 19), one.end(), other.begin() + (1 << 19));
  EXPECT_FALSE(opens_with(hidden_, other));
  EXPECT_TRUE(opens_with(hidden_, one));
}

TEST_P(IndexFile, HidesTheNumbers) {
  const auto occurs_in = [&](const std::filesystem::path& path, const Row& row) {
    const Bytes whole = read_file(path, 1 << 24);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(row.data());
    return std::search(whole.begin(), whole.end(), bytes, bytes + 16) != whole.end();
  };
  EXPECT_TRUE(occurs_in(clear_, rows_[40]));  // or the test would look for the wrong thing
  for (const Row& row : {rows_[0], rows_[40], rows_[1499]}) EXPECT_FALSE(occurs_in(hidden_, row));
  EXPECT_FALSE(occurs_in(clear_, rows_[17])) << "it was removed";
}

TEST_P(IndexFile, SaysWhenItCannotBeWritten) {
  const VectorIndex index = make();
  EXPECT_EQ(code_of([&] { index.save(folder_.path() / "no" / "x", key_, "digest"); }),
            ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness
