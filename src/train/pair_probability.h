#pragma once

/// From what a unit says to a probability, and how true that is for people it was not fitted on.

#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/evaluate/reliability.h>
#include <likeness/faces/isotonic.h>

namespace likeness {

/// Numbers that grow as two faces grow apart, by class.
struct PairScores {
  std::vector<float> genuine;
  std::vector<float> impostor;
};

/// `values` [B] by the truths `same_person` [B].
PairScores by_class(const at::Tensor& values, const at::Tensor& same_person);

void append(PairScores& scores, const PairScores& more);

/// The mean over both classes of the cross-entropy of P = σ(−x).
double log_loss(const PairScores& dissimilarities);

/// P = 1 / (1 + exp(slope · x + shift)), or a curve.
struct ProbabilityFit {
  double slope = 1;
  double shift = 0;
  ProbabilityCurve curve = {};  ///< in place of the two, unless empty

  double at(float x) const;
};

/// Throws Error(invalid_argument) when a class is empty or genuine pairs do not score lower.
ProbabilityFit fit_probability(const PairScores& scores, ProbabilityForm form);

/// Every fold's scores through a probability that was fitted on all other folds'.
Reliability cross_measured(const std::vector<PairScores>& folds, ProbabilityForm form);

}  // namespace likeness
