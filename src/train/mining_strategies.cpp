#include "train/mining_strategies.h"

#include <algorithm>
#include <limits>
#include <string>

#include <ATen/ATen.h>
#include <likeness/core/error.h>

namespace likeness {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// float64 [count], uniform in [0, 1).
at::Tensor uniform(std::int64_t count, const at::Tensor& like, Random& random) {
  at::Tensor values = at::empty({count}, at::TensorOptions(at::kDouble));
  auto* value = values.data_ptr<double>();
  for (std::int64_t i = 0; i < count; ++i) value[i] = random.uniform();
  return values.to(like.device());
}

/// For each positive pair one candidate of the anchor, with probability proportional to `weights`
/// (float64 [A, C], ≥ 0).
Triplets draw_negatives(const MiningField& field, const at::Tensor& weights, Random& random) {
  const PositivePairs pairs = positive_pairs(field);
  // A draw of 1 - 2^-53 times the sum may round to the sum, beyond the last candidate.
  constexpr double kBelowOne = 1 - 1e-12;
  const at::Tensor sums = weights.cumsum(1);
  const at::Tensor totals = sums.select(1, -1).index_select(0, pairs.anchor);
  const at::Tensor draws = uniform(pairs.size(), weights, random) * totals * kBelowOne;
  return {pairs.anchor, pairs.positive,
          places_in_rows(sums, draws, pairs, true).clamp_max(field.candidates() - 1)};
}

Triplets mine_random(const MiningField& field, Random& random) {
  return draw_negatives(field, field.negatives.to(at::kDouble), random);
}

/// Weights of Wu 2017, section 4, scaled so that the largest of each anchor is 1.
at::Tensor distance_weights(const MiningField& field, std::int64_t dimensions) {
  constexpr double kNearest = 0.5;  // nearer ones, noisy and rare, weigh no more than this
  constexpr double kFarthest = 1.4;
  LIKENESS_CHECK(dimensions >= 2);
  const auto n = static_cast<double>(dimensions);
  const at::Tensor squared = field.distances.to(at::kDouble);
  const at::Tensor usable = field.negatives & squared.lt(kFarthest * kFarthest);
  const at::Tensor clamped = squared.clamp(kNearest * kNearest, kFarthest * kFarthest);
  // -log q(d), q(d) ∝ d^(n-2) · (1 - d²/4)^((n-3)/2)
  const at::Tensor log_weights =
      at::log(clamped) * ((2 - n) / 2) + at::log1p(clamped / -4) * ((3 - n) / 2);
  const at::Tensor masked = log_weights.masked_fill(usable.logical_not(), -kInfinity);
  const at::Tensor largest = masked.amax(1, true);
  const at::Tensor weights = (masked - largest).exp();

  // Where nothing is within the cut, the nearest negative takes all.
  const at::Tensor nearest =
      field.distances.masked_fill(field.negatives.logical_not(), kInfinity).argmin(1, true);
  const at::Tensor alone = at::zeros_like(weights).scatter_(1, nearest, 1.0);
  return at::where(usable.any(1, true), weights, alone);
}

Triplets mine_semi_hard(const MiningField& field, double margin) {
  const auto [sorted, order] = sorted_negatives(field);
  const PositivePairs pairs = positive_pairs(field);
  const at::Tensor positive = at_places(field.distances, pairs.anchor, pairs.positive);
  // The first negative beyond the positive, by binary search in the anchor's row.
  const at::Tensor place =
      places_in_rows(sorted, positive, pairs, true).clamp_max(field.candidates() - 1);
  const at::Tensor negative = at_places(sorted, pairs.anchor, place);
  const at::Tensor chosen =
      (negative.gt(positive) & negative.lt(positive + margin)).nonzero().flatten();
  return {pairs.anchor.index_select(0, chosen), pairs.positive.index_select(0, chosen),
          at_places(order, pairs.anchor, place).index_select(0, chosen)};
}

Triplets mine_batch_hard(const MiningField& field) {
  const at::Tensor usable = (field.positives.any(1) & field.negatives.any(1)).nonzero().flatten();
  const at::Tensor farthest =
      field.distances.masked_fill(field.positives.logical_not(), -kInfinity).argmax(1);
  const at::Tensor nearest =
      field.distances.masked_fill(field.negatives.logical_not(), kInfinity).argmin(1);
  return {usable, farthest.index_select(0, usable), nearest.index_select(0, usable)};
}

/// Every triplet with d_an < d_ap + margin.
Triplets mine_all(Mining strategy, const MiningField& field, double margin) {
  constexpr std::int64_t kMostTriplets = std::int64_t{1} << 28;
  const PositivePairs pairs = positive_pairs(field);
  if (pairs.size() > kMostTriplets / std::max<std::int64_t>(1, field.candidates()))
    throw Error(ErrorCode::too_large,
                std::string(to_string(strategy)) + " mining would look at " +
                    std::to_string(pairs.size()) + " positive pairs × " +
                    std::to_string(field.candidates()) +
                    " candidates; use semi-hard, batch-hard or distance-weighted, or a smaller "
                    "batch or memory");
  at::Tensor mask = field.negatives.index_select(0, pairs.anchor);
  if (margin < kInfinity) {
    const at::Tensor reach = at_places(field.distances, pairs.anchor, pairs.positive) + margin;
    mask = mask & field.distances.index_select(0, pairs.anchor).lt(reach.unsqueeze(1));
  }
  const at::Tensor places = mask.nonzero();
  const at::Tensor pair = places.select(1, 0);
  return {pairs.anchor.index_select(0, pair), pairs.positive.index_select(0, pair),
          places.select(1, 1)};
}

}  // namespace

PositivePairs positive_pairs(const MiningField& field) {
  const at::Tensor usable = field.positives & field.negatives.any(1, true);
  const at::Tensor places = usable.nonzero();
  const at::Tensor anchor = places.select(1, 0);
  const at::Tensor positive = places.select(1, 1);
  return {anchor, positive, at_places(usable.cumsum(1), anchor, positive) - 1};
}

at::Tensor places_in_rows(const at::Tensor& sorted, const at::Tensor& values,
                          const PositivePairs& pairs, bool right) {
  if (pairs.size() == 0) return pairs.anchor;
  // The values of an anchor side by side: its row is searched where it lies, without copies.
  const std::int64_t slots = pairs.slot.max().item<std::int64_t>() + 1;
  at::Tensor wanted = at::zeros({sorted.size(0), slots}, values.options());
  wanted.index_put_({pairs.anchor, pairs.slot}, values);
  return at_places(at::searchsorted(sorted, wanted, false, right), pairs.anchor, pairs.slot);
}

std::pair<at::Tensor, at::Tensor> sorted_negatives(const MiningField& field) {
  auto [sorted, order] = at::sort(
      field.distances.masked_fill(field.negatives.logical_not(), kInfinity), true, 1, false);
  return {sorted, order};
}

at::Tensor at_places(const at::Tensor& matrix, const at::Tensor& row, const at::Tensor& column) {
  return matrix.index({row, column});
}

MiningField mining_field(const at::Tensor& distances, const at::Tensor& positives,
                         const at::Tensor& negatives) {
  LIKENESS_CHECK(distances.dim() == 2 && distances.sizes() == positives.sizes() &&
                 distances.sizes() == negatives.sizes());
  LIKENESS_CHECK(positives.scalar_type() == at::kBool && negatives.scalar_type() == at::kBool);
  const bool wide = distances.scalar_type() == at::kDouble;
  return {distances.detach().to(wide ? at::kDouble : at::kFloat), positives, negatives};
}

Triplets mine(Mining strategy, const MiningField& field, double margin, std::int64_t dimensions,
              Random& random) {
  if (field.distances.numel() == 0) {
    const at::Tensor none = at::empty({0}, field.distances.options().dtype(at::kLong));
    return {none, none, none};
  }
  switch (strategy) {
    case Mining::random:
      return mine_random(field, random);
    case Mining::all:
      return mine_all(strategy, field, kInfinity);
    case Mining::semi_hard:
      return mine_semi_hard(field, margin);
    case Mining::batch_hard:
      return mine_batch_hard(field);
    case Mining::batch_all:
      return mine_all(strategy, field, margin);
    case Mining::distance_weighted:
      break;
  }
  return draw_negatives(field, distance_weights(field, dimensions), random);
}

}  // namespace likeness
