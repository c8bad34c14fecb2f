#pragma once

/// The strategies of triplet_mining.h on a matrix of distances.

#include <cstdint>
#include <utility>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/train/triplet_mining.h>

namespace likeness {

/// What every strategy looks at.
struct MiningField {
  at::Tensor distances;  ///< squared, float32 or float64 [A, C], without gradients
  at::Tensor positives;  ///< bool [A, C]
  at::Tensor negatives;  ///< bool [A, C]

  std::int64_t candidates() const { return distances.size(1); }
};

/// Checks and brings into that form. Half precision becomes float32: distances would tie where they
/// need not.
MiningField mining_field(const at::Tensor& distances, const at::Tensor& positives,
                         const at::Tensor& negatives);

/// See mine_triplets. Call it without gradients.
Triplets mine(Mining strategy, const MiningField& field, double margin, std::int64_t dimensions,
              Random& random);

/// The Q positive pairs whose anchor has a negative as well, by anchor, then by positive.
struct PositivePairs {
  at::Tensor anchor;    ///< int64 [Q]
  at::Tensor positive;  ///< int64 [Q], candidates
  at::Tensor slot;      ///< int64 [Q], the pair's number among those of its anchor
  std::int64_t size() const { return anchor.size(0); }
};
PositivePairs positive_pairs(const MiningField& field);

/// For each pair the place of its value ([Q]) in the anchor's row of `sorted` ([A, C], rising): the
/// number of entries below it, or with `right` of those not above it. O(Q·log C).
at::Tensor places_in_rows(const at::Tensor& sorted, const at::Tensor& values,
                          const PositivePairs& pairs, bool right);

/// Negatives of each anchor by rising distance (the others last, infinitely far), float [A, C], and
/// their columns.
std::pair<at::Tensor, at::Tensor> sorted_negatives(const MiningField& field);

/// The entries matrix[row[i]][column[i]].
at::Tensor at_places(const at::Tensor& matrix, const at::Tensor& row, const at::Tensor& column);

}  // namespace likeness
