#include "gallery/exact_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <queue>

#include <likeness/core/error.h>

#include "gallery/distance.h"

namespace likeness {
namespace {

constexpr std::size_t kBlockRows = 32768;  // whole large pages, whatever a row's size
constexpr std::size_t kScanRows = 512;     // at once: their distances stay in the nearest cache
static_assert(kBlockRows % kScanRows == 0);

}  // namespace

ExactIndex::ExactIndex(std::size_t dimensions)
    : dimensions_(dimensions), stride_(padded(dimensions)) {}

ExactIndex::~ExactIndex() = default;

float* ExactIndex::exact(std::size_t row) const {
  return blocks_[row / kBlockRows].exact.get() + row % kBlockRows * stride_;
}

std::uint16_t* ExactIndex::rounded(std::size_t row) const {
  return blocks_[row / kBlockRows].rounded.get() + row % kBlockRows * stride_;
}

void ExactIndex::add(std::span<const std::int64_t> ids, std::span<const float> encodings,
                     int /*threads*/) {
  for (std::size_t i = 0; i < ids.size(); ++i) append(ids[i], encodings.data() + i * dimensions_);
}

void ExactIndex::append(std::int64_t id, const float* encoding) {
  const std::size_t row = ids_.size();
  LIKENESS_CHECK(row < std::numeric_limits<std::uint32_t>::max());
  if (row == blocks_.size() * kBlockRows)
    blocks_.push_back({LargeBuffer<float>(kBlockRows * stride_),
                       LargeBuffer<std::uint16_t>(kBlockRows * stride_)});
  rows_.emplace(id, static_cast<std::uint32_t>(row));
  ids_.push_back(id);
  std::fill(std::copy_n(encoding, dimensions_, exact(row)), exact(row) + stride_, 0.0F);
  rounding_ = std::max(rounding_, round_to_bf16(exact(row), stride_, rounded(row)));
}

bool ExactIndex::remove(std::int64_t id) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return false;
  const std::size_t row = found->second;
  const std::size_t last = ids_.size() - 1;
  rows_.erase(found);
  if (row != last) {
    std::copy_n(exact(last), stride_, exact(row));
    std::copy_n(rounded(last), stride_, rounded(row));
    ids_[row] = ids_[last];
    rows_[ids_[row]] = static_cast<std::uint32_t>(row);
  }
  std::fill_n(exact(last), stride_, 0.0F);
  std::fill_n(rounded(last), stride_, std::uint16_t{0});
  ids_.pop_back();
  return true;
}

/// Let d be the count-th smallest distance to a rounded row. At least `count` rows then lie within
/// √d + rounding, and the rounded row of one that does lies within √d + 2 rounding. The factor is
/// for the sums in float32, whose own error is below 1e-5 of a distance.
float ExactIndex::limit(float distance) const {
  const float reach = std::sqrt(distance) * 1.0001F + 2.001F * rounding_;
  return reach * reach;
}

std::vector<ExactIndex::Near> ExactIndex::scan(const float* probe, std::size_t count) const {
  const DistanceKernels& kernels = distance_kernels();
  std::array<float, kScanRows> distances;
  std::priority_queue<float> closest;  // the `count` smallest distances, the largest on top
  std::vector<Near> candidates;
  float bound = std::numeric_limits<float>::infinity();
  for (std::size_t first = 0; first < ids_.size(); first += kScanRows) {
    const std::size_t rows = std::min(kScanRows, ids_.size() - first);
    kernels.squared_bf16(probe, rounded(first), rows, stride_, distances.data());
    for (std::size_t i = 0; i < rows; ++i) {
      if (!(distances[i] <= bound)) continue;
      candidates.push_back({distances[i], static_cast<std::uint32_t>(first + i)});
      closest.push(distances[i]);
      if (closest.size() > count) closest.pop();
      if (closest.size() == count) bound = limit(closest.top());
    }
  }
  std::erase_if(candidates, [bound](const Near& near) { return near.distance > bound; });
  return candidates;
}

std::vector<IndexHit> ExactIndex::nearest(std::span<const float> probe, std::size_t count,
                                          int /*breadth*/) const {
  if (count == 0) return {};
  std::vector<float> row(stride_);
  std::copy(probe.begin(), probe.end(), row.begin());
  std::vector<IndexHit> hits;
  for (const Near& near : scan(row.data(), count))
    hits.push_back(
        {ids_[near.row], distance_kernels().squared(row.data(), exact(near.row), &stride_)});
  keep_closest(hits, count);
  return hits;
}

void ExactIndex::write(SealedWriter& file) const {
  file.write(static_cast<std::uint64_t>(ids_.size()));
  for (std::size_t row = 0; row < ids_.size(); ++row) {
    file.write(ids_[row]);
    file.write(exact(row), dimensions_ * sizeof(float));
  }
}

bool ExactIndex::read(SealedReader& file) {
  std::uint64_t count = 0;
  if (!file.read(count)) return false;
  std::vector<float> encoding(dimensions_);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::int64_t id = 0;
    if (!file.read(id) || !file.read(encoding.data(), dimensions_ * sizeof(float)) || contains(id))
      return false;
    append(id, encoding.data());
  }
  return true;
}

}  // namespace likeness
