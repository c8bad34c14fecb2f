#pragma once

/// Choosing triplets. Most triplets are satisfied soon and teach nothing; these strategies find the
/// ones that do, on the matrix of distances of a batch and with tensor operations alone.
/// Pure functions, safe to call from many threads; they work on the tensors' device.
///
///     const MiningBatch batch = mining_batch(encodings, labels);
///     const MinedLoss mined = mined_triplet_loss(batch, {.strategy = Mining::batch_hard}, {},
///     random); mined.loss.backward();

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {

/// Costs are for A anchors and C candidates, beside the O(A·C·D) of the distances; Q is the number
/// of positive pairs, (K − 1)·A in a P×K batch; T the number of triplets that come out. Memory is
/// O(A·C) unless said otherwise.
enum class Mining {
  /// Each positive pair with one negative, uniform. O(A·C), T = Q.
  random,
  /// Every triplet. O(Q·C) time and memory, T ≤ Q·C.
  all,
  /// Each positive pair with the nearest negative that is farther than the positive, if that one
  /// lies inside the margin: d_ap < d_an < d_ap + α (FaceNet, section 3.2). Pairs without one give
  /// no triplet. O(A·C·log C), T ≤ Q.
  semi_hard,
  /// Each anchor with its farthest positive and its nearest negative (Hermans 2017, eq. 5).
  /// O(A·C), T = A.
  batch_hard,
  /// Every triplet with a loss above 0, to be averaged over those (Hermans 2017, eq. 8): with a
  /// soft
  /// margin that is every triplet. O(Q·C) time and memory.
  batch_all,
  /// Each positive pair with one negative drawn so that all distances become equally likely:
  /// with weight min(1/q(d), 1/q(0.5)), q the density of distances between random points of the
  /// sphere; none beyond d = 1.4, where the loss is 0 (Wu 2017, section 4). d is the Euclidean
  /// distance. An anchor without a candidate below the cut takes its nearest. O(A·C), T = Q.
  distance_weighted,
};

/// "random", "all", "semi-hard", "batch-hard", "batch-all", "distance-weighted".
std::string_view to_string(Mining strategy);
/// Throws Error(invalid_argument) with the names that there are.
Mining mining_from_name(std::string_view name);
/// All strategies, in the order above.
std::span<const Mining> all_mining_strategies();

/// Anchors and what they are compared with. Anchors may be the rows of this process, candidates the
/// rows of all processes (with gradients), and older encodings behind them (cross_batch_memory.h).
/// An anchor without a positive or without a negative gives no triplet.
struct MiningBatch {
  at::Tensor anchors;           ///< float [A, D]
  at::Tensor anchor_labels;     ///< int64 [A]
  at::Tensor candidates;        ///< float [C, D]
  at::Tensor candidate_labels;  ///< int64 [C]
  /// bool [A, C]: this candidate is the anchor itself (or the same picture), no positive of it.
  at::Tensor self;
};

/// A batch compared with itself: [N, D] and int64 [N]. `first_anchor` and `anchors` take a part of
/// the rows as anchors (a process's own rows of a gathered batch); −1: all behind the first.
MiningBatch mining_batch(const at::Tensor& encodings, const at::Tensor& labels,
                         std::int64_t first_anchor = 0, std::int64_t anchors = -1);

/// bool [A, C]: candidates of the same label that are not the anchor, and those of another label.
at::Tensor positive_mask(const MiningBatch& batch);
at::Tensor negative_mask(const MiningBatch& batch);

/// T triplets: rows of anchors, of candidates and of candidates, int64 [T] each.
struct Triplets {
  at::Tensor anchor;
  at::Tensor positive;
  at::Tensor negative;
  std::int64_t size() const { return anchor.size(0); }
};

/// What a step is logged with. A triplet is active when it costs something: d_ap + α > d_an. With a
/// soft margin every triplet does, and α counts as 0 here: active ones have the order wrong.
struct MiningStatistics {
  std::int64_t triplets = 0;     ///< chosen
  double active = 0;             ///< share of the chosen triplets; 0 when there are none
  double active_of_all = 0;      ///< share of all triplets that the batch could form
  double positive_distance = 0;  ///< mean squared d(a, p) of the chosen triplets
  double negative_distance = 0;  ///< mean squared d(a, n) of the chosen triplets
};

/// Chooses triplets. `distances`: squared, float [A, C]; gradients are not followed. `margin` is α
/// (semi_hard, batch_all), `dimensions` is D (distance_weighted). Ties are broken towards the first
/// candidate. `random` is used by random and distance_weighted alone; the same state gives the same
/// triplets on every device. The order is by anchor, then by positive, then by negative.
/// Throws Error(too_large) when all or batch_all would have to look at more than 2^28 triplets
/// (says so and names strategies that do not). Requires masks bool [A, C].
Triplets mine_triplets(Mining strategy, const at::Tensor& distances, const at::Tensor& positives,
                       const at::Tensor& negatives, double margin, std::int64_t dimensions,
                       Random& random);

struct MiningOptions {
  Mining strategy = Mining::batch_hard;
};

struct MinedLoss {
  at::Tensor loss;  ///< scalar; with gradients to anchors and candidates
  MiningStatistics statistics;
};

/// Distances, masks, triplets, loss and statistics of a batch at once. The distance matrix is
/// computed once, and loss and choice read the same numbers. Without a single triplet the loss is 0
/// with zero gradients. With Reduction::mean the loss of batch_all is the mean over its active
/// triplets, since it chooses no others.
MinedLoss mined_triplet_loss(const MiningBatch& batch, const MiningOptions& mining,
                             const TripletLossOptions& options, Random& random);

}  // namespace likeness
