#include <array>
#include <limits>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/triplet_mining.h>

#include "train/mining_strategies.h"

namespace likeness {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::array<std::pair<Mining, std::string_view>, 6> kNames = {
    {{Mining::random, "random"},
     {Mining::all, "all"},
     {Mining::semi_hard, "semi-hard"},
     {Mining::batch_hard, "batch-hard"},
     {Mining::batch_all, "batch-all"},
     {Mining::distance_weighted, "distance-weighted"}}};

/// Share of all triplets with d_an < d_ap + margin: counted by binary search, not listed.
double active_share_of_all(const MiningField& field, double margin) {
  const PositivePairs pairs = positive_pairs(field);
  if (pairs.size() == 0) return 0;
  const at::Tensor reach = at_places(field.distances, pairs.anchor, pairs.positive) + margin;
  const at::Tensor active = places_in_rows(sorted_negatives(field).first, reach, pairs, false);
  const at::Tensor all = field.negatives.sum(1).index_select(0, pairs.anchor);
  return active.sum().item<double>() / all.sum().item<double>();
}

MiningStatistics statistics_of(const MiningField& field, const Triplets& triplets, double margin) {
  MiningStatistics result;
  result.triplets = triplets.size();
  result.active_of_all = active_share_of_all(field, margin);
  if (result.triplets == 0) return result;
  const at::Tensor positive = at_places(field.distances, triplets.anchor, triplets.positive);
  const at::Tensor negative = at_places(field.distances, triplets.anchor, triplets.negative);
  const auto mean = [](const at::Tensor& values) {
    return values.to(at::kDouble).mean().item<double>();
  };
  result.active = mean(negative.lt(positive + margin));
  result.positive_distance = mean(positive);
  result.negative_distance = mean(negative);
  return result;
}

}  // namespace

std::string_view to_string(Mining strategy) {
  for (const auto& [value, name] : kNames)
    if (value == strategy) return name;
  return "unknown";
}

Mining mining_from_name(std::string_view name) {
  std::string known;
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(text);
  }
  throw Error(ErrorCode::invalid_argument, "mining strategy '" + std::string(name.substr(0, 40)) +
                                               "' is not known; there are " + known);
}

std::span<const Mining> all_mining_strategies() {
  static constexpr std::array kAll = {Mining::random,    Mining::all,
                                      Mining::semi_hard, Mining::batch_hard,
                                      Mining::batch_all, Mining::distance_weighted};
  return kAll;
}

MiningBatch mining_batch(const at::Tensor& encodings, const at::Tensor& labels,
                         std::int64_t first_anchor, std::int64_t anchors) {
  const std::int64_t count = encodings.size(0);
  if (anchors < 0) anchors = count - first_anchor;
  LIKENESS_CHECK(encodings.dim() == 2 && labels.dim() == 1 && labels.size(0) == count);
  LIKENESS_CHECK(first_anchor >= 0 && first_anchor + anchors <= count);
  const at::Tensor self = at::eye(count, labels.options().dtype(at::kBool));
  return {.anchors = encodings.narrow(0, first_anchor, anchors),
          .anchor_labels = labels.narrow(0, first_anchor, anchors),
          .candidates = encodings,
          .candidate_labels = labels,
          .self = self.narrow(0, first_anchor, anchors)};
}

at::Tensor positive_mask(const MiningBatch& batch) {
  return batch.anchor_labels.unsqueeze(1).eq(batch.candidate_labels.unsqueeze(0)) &
         batch.self.logical_not();
}

at::Tensor negative_mask(const MiningBatch& batch) {
  return batch.anchor_labels.unsqueeze(1).ne(batch.candidate_labels.unsqueeze(0));
}

Triplets mine_triplets(Mining strategy, const at::Tensor& distances, const at::Tensor& positives,
                       const at::Tensor& negatives, double margin, std::int64_t dimensions,
                       Random& random) {
  const at::NoGradGuard no_gradients;
  return mine(strategy, mining_field(distances, positives, negatives), margin, dimensions, random);
}

MinedLoss mined_triplet_loss(const MiningBatch& batch, const MiningOptions& mining,
                             const TripletLossOptions& options, Random& random) {
  const at::Tensor distances = squared_distances(batch.anchors, batch.candidates);
  // Nothing can be chosen by numbers that are none; the loss says so.
  if (!distances.detach().isfinite().all().item<bool>())
    return {.loss = distances.sum() * std::numeric_limits<double>::quiet_NaN(), .statistics = {}};

  Triplets triplets;
  MiningStatistics statistics;
  {
    const at::NoGradGuard no_gradients;
    const MiningField field = mining_field(distances, positive_mask(batch), negative_mask(batch));
    const bool every_triplet_counts = options.soft_margin && mining.strategy == Mining::batch_all;
    triplets = mine(mining.strategy, field, every_triplet_counts ? kInfinity : options.margin,
                    batch.anchors.size(1), random);
    statistics = statistics_of(field, triplets, options.soft_margin ? 0 : options.margin);
  }
  const at::Tensor loss =
      triplet_loss_of_distances(at_places(distances, triplets.anchor, triplets.positive),
                                at_places(distances, triplets.anchor, triplets.negative), options);
  return {.loss = loss, .statistics = statistics};
}

}  // namespace likeness
