#pragma once

/// Rows like the encodings of faces, several of each person, and what a search among them must
/// find.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <likeness/core/random.h>
#include <likeness/gallery/vector_index.h>

namespace likeness {

using Row = std::vector<float>;

inline constexpr int kDimensions = 48;  // not a multiple of what the kernels read at once

inline void normalise(Row& row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * value;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
}

inline Row random_row(Random& random, int dimensions = kDimensions) {
  std::normal_distribution<float> normal;
  Row row(static_cast<std::size_t>(dimensions));
  for (float& value : row) value = normal(random);
  normalise(row);
  return row;
}

inline Row near_to(const Row& row, float noise, Random& random) {
  Row other = random_row(random, static_cast<int>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) other[i] = row[i] + noise * other[i];
  normalise(other);
  return other;
}

/// `count` rows around count/20 centres.
inline std::vector<Row> clustered_rows(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Row> rows;
  Row centre;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 20 == 0) centre = random_row(random);
    rows.push_back(near_to(centre, 0.7F, random));
  }
  return rows;
}

inline double squared_distance(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return sum;
}

/// Ids (positions in `rows`) by distance.
inline std::vector<std::int64_t> brute_force(const std::vector<Row>& rows, const Row& probe,
                                             std::size_t count) {
  std::vector<std::pair<double, std::int64_t>> order;
  for (std::size_t i = 0; i < rows.size(); ++i)
    order.emplace_back(squared_distance(rows[i], probe), static_cast<std::int64_t>(i));
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) ids.push_back(order[i].second);
  return ids;
}

inline std::vector<std::int64_t> ids_of(const std::vector<IndexHit>& hits) {
  std::vector<std::int64_t> ids;
  for (const IndexHit& hit : hits) ids.push_back(hit.id);
  return ids;
}

inline void add_all(VectorIndex& index, const std::vector<Row>& rows, int threads = 1) {
  std::vector<std::int64_t> ids(rows.size());
  std::iota(ids.begin(), ids.end(), 0);
  Row all;
  for (const Row& row : rows) all.insert(all.end(), row.begin(), row.end());
  index.add(ids, all, threads);
}

inline std::vector<Row> probes_of(const std::vector<Row>& rows, std::size_t count) {
  Random random(99);
  std::vector<Row> probes;
  for (std::size_t i = 0; i < count; ++i)
    probes.push_back(near_to(rows[random.below(rows.size())], 0.5F, random));
  return probes;
}

}  // namespace likeness
