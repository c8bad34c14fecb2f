#include "gallery/row_codes.h"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>

#include "gallery/distance.h"
#include "gallery/visits.h"

namespace likeness {
namespace {

constexpr std::size_t kStride = 64;
using Rows = std::vector<std::vector<float>>;

std::vector<float> row_up_to(float largest, Random& random) {
  std::vector<float> row(kStride);
  for (float& value : row) value = largest * (2 * static_cast<float>(random.uniform()) - 1);
  row[0] = largest;
  return row;
}

RowCodes codes_of(const Rows& rows) {
  RowCodes codes(kStride);
  codes.reserve(rows.size());
  codes.extend(rows.size(), [&](std::size_t i) { return rows[i].data(); });
  return codes;
}

/// Of the codes of rows `a` and `b`.
std::uint32_t distance(const RowCodes& codes, std::size_t a, std::size_t b) {
  return distance_kernels().squared_int8(codes.row(a), codes.row(b), kStride);
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  return sum;
}

TEST(DistanceKernels, OfBytesAreExact) {
  Random random(1);
  for (const std::size_t size : {32, 192, 320}) {
    std::vector<std::int8_t> a(size), b(size);
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < size; ++i) {
      a[i] = static_cast<std::int8_t>(static_cast<int>(random.below(256)) - 128);
      b[i] = static_cast<std::int8_t>(static_cast<int>(random.below(256)) - 128);
      expected += static_cast<std::uint32_t>((a[i] - b[i]) * (a[i] - b[i]));
    }
    EXPECT_EQ(distance_kernels().squared_int8(a.data(), b.data(), size), expected);
  }
  // The largest sum that there can be does not overflow.
  const std::vector<std::int8_t> low(65'536, -128), high(65'536, 127);
  EXPECT_EQ(distance_kernels().squared_int8(low.data(), high.data(), low.size()),
            65'536U * 255 * 255);
}

TEST(RowCodes, KeepDistancesApartFromOneScale) {
  Random random(2);
  Rows rows;
  for (int i = 0; i < 20; ++i) rows.push_back(row_up_to(0.3F, random));
  const RowCodes codes = codes_of(rows);
  const double scale = distance(codes, 0, 1) / distance(rows[0], rows[1]);
  for (std::size_t i = 2; i < rows.size(); ++i)
    EXPECT_NEAR(distance(codes, 0, i) / distance(rows[0], rows[i]) / scale, 1, 0.02);
}

TEST(RowCodes, AProbeHasTheCodesOfTheSameRow) {
  Random random(3);
  const Rows rows = {row_up_to(0.3F, random), row_up_to(0.2F, random)};
  const RowCodes codes = codes_of(rows);
  const auto probe = codes.code(rows[1].data());
  EXPECT_EQ(probe, std::vector<std::int8_t>(codes.row(1), codes.row(1) + kStride));
}

TEST(RowCodes, ALargerRowChangesTheScaleOfAll) {
  Random random(4);
  Rows rows = {row_up_to(0.1F, random), row_up_to(0.1F, random), row_up_to(0.1F, random)};
  RowCodes codes = codes_of(rows);
  codes.remove(2);
  rows.push_back(row_up_to(10, random));
  codes.reserve(8);
  codes.extend(4, [&](std::size_t i) { return i == 2 ? nullptr : rows[i].data(); });
  EXPECT_TRUE(codes.is_removed(2));
  EXPECT_FALSE(codes.is_removed(1));
  const auto expected = codes_of({rows[0], rows[1], rows[3]});
  for (const auto& [mine, its] : {std::array{0, 0}, {1, 1}, {3, 2}})
    for (std::size_t i = 0; i < kStride; ++i)
      EXPECT_EQ(codes.row(static_cast<std::size_t>(mine))[i],
                expected.row(static_cast<std::size_t>(its))[i]);
}

TEST(RowCodes, ARemovedRowIsFartherThanAnyOther) {
  Random random(5);
  Rows rows;
  for (int i = 0; i < 50; ++i) rows.push_back(row_up_to(0.3F, random));
  RowCodes codes = codes_of(rows);
  codes.remove(7);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (i == 7 || j == 7) continue;
      EXPECT_GT(distance(codes, i, 7), distance(codes, i, j));
    }
}

// A file without a key may hold any numbers.
TEST(RowCodes, WhatIsNoNumberGetsACode) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  Rows rows(2, std::vector<float>(kStride, 0.1F));
  rows[0][3] = nan;
  EXPECT_FALSE(codes_of(rows).is_removed(0));
  rows[0].assign(kStride, infinity);
  rows[1].assign(kStride, -infinity);
  const RowCodes codes = codes_of(rows);
  EXPECT_FALSE(codes.is_removed(0));
  EXPECT_FALSE(codes.is_removed(1));
}

TEST(Visits, AreEmptyAgainForTheNextSearch) {
  VisitsPool pool;
  pool.resize(200);
  for (int search = 0; search < 3; ++search) {
    const VisitsPool::Loan visits(pool);
    for (const std::uint32_t entry : {0U, 63U, 64U, 199U}) {
      EXPECT_TRUE(visits->first(entry));
      EXPECT_FALSE(visits->first(entry));
    }
    const VisitsPool::Loan other(pool);
    EXPECT_TRUE(other->first(63));
  }
}

}  // namespace
}  // namespace likeness
