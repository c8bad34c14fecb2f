#pragma once

/// The logistic unit over a pair of encodings (faces/pair_classifier.h) as differentiable functions
/// of tensors: for training it on frozen encodings, and end to end, where the gradient flows
/// through both encodings into the one network that made them. A unit belongs to one thread at a
/// time; the functions are pure.
///
///     PairUnit unit(PairForm::absolute, 192);
///     const PairIndices pairs = hard_batch_pairs(encodings, labels);
///     pair_loss(unit->forward(encodings.index_select(0, pairs.first),
///                             encodings.index_select(0, pairs.second)),
///               pairs.same_person).backward();

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <likeness/faces/pair_classifier.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace likeness {

/// The inputs x_k of pairs of rows: [B, D] and [B, D] → [B, D], or [B, 2·D] for the χ² form (those
/// of the positive parts first). As likeness::pair_inputs of room faces, and differentiable; where
/// two features are equal the gradient of |f1 − f2| is 0, where both are 0 that of the χ² form.
at::Tensor pair_inputs(PairForm form, const at::Tensor& first, const at::Tensor& second);

struct PairUnitImpl : torch::nn::Module {
  /// Weights 0. `with_distance`: a·‖f1 − f2‖² is part of it; else a stays 0.
  PairUnitImpl(PairForm form, std::int64_t dimensions, bool with_distance = true);

  /// Logits [B] of the probability that a pair shows one person: b − a·‖f1 − f2‖² − Σ w_k·x_k.
  at::Tensor forward(const at::Tensor& first, const at::Tensor& second) const;

  PairForm form;
  at::Tensor weights;          ///< w [D] or [2·D]
  at::Tensor distance_weight;  ///< a [1]; not trained without the distance
  at::Tensor offset;           ///< b [1]
};
TORCH_MODULE(PairUnit);

/// Cross-entropy of logits [B] against truths [B] (bool). Pairs of one person and of two weigh one
/// half each, however many there are. Requires pairs of both kinds.
at::Tensor pair_loss(const at::Tensor& logits, const at::Tensor& same_person);

/// Pairs within a batch, as indices of its rows.
struct PairIndices {
  at::Tensor first;        ///< int64 [B]
  at::Tensor second;       ///< int64 [B]
  at::Tensor same_person;  ///< bool [B]
};

/// All pairs of one person in a batch, and for the first picture of each the stranger that lies
/// closest: as many pairs of two, the hardest there are. `encodings` [N, D], `labels` int64 [N] on
/// the same device. O(N²·D), on the matrix of distances; no gradient is recorded. Requires a person
/// with two pictures and another person.
PairIndices hard_batch_pairs(const at::Tensor& encodings, const at::Tensor& labels);

}  // namespace likeness
