#pragma once

/// Training of a pair classifier on frozen encodings: convex, so it takes seconds and has one
/// answer.
///
/// People are shared out into folds. In each, the unit is fitted on the people of the other folds,
/// on balanced pairs of which some impostors are mined (the strangers that lie closest), with an L2
/// penalty on what the weights add to the plain distance. The strength of the penalty is the
/// largest that is not worse on held-out people than the best one by more than its standard error:
/// what does not help surely stays out. Then the unit is fitted on all people, and its probability
/// on the answers that the folds gave for people whom they had not seen.
///
/// Reproducible: options and encodings decide the result. Safe to call from many threads.
///
///     const PairTraining training = train_pair_classifier(encodings, {}, progress, nullptr);
///     write_pair_classifier("duo-pairs.safetensors", training.classifier);

#include <cstdint>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/evaluate/reliability.h>
#include <likeness/faces/pair_classifier.h>

namespace likeness {

struct PairTrainingOptions {
  PairForm form = PairForm::absolute;
  /// The squared distance is one of the inputs, without a penalty, so that a strong penalty leads
  /// back to it. Without it the penalty leads to equal weights: the L1 or the χ² distance.
  bool with_distance = true;
  std::int64_t pairs = 20'000;  ///< for one fit; half of one person. Even.
  double hard_share = 0.5;      ///< of the impostor pairs that are mined, in [0, 1]
  int nearest = 10;             ///< a mined stranger is drawn from so many closest ones
  int folds = 5;
  /// Penalties λ to choose from, each ≥ 0: λ/2 · Σ (w_k · deviation of x_k)² · dimensions.
  std::vector<double> strengths = {10, 1, 0.1, 0.01, 1e-3, 1e-4};
  ProbabilityForm probability = ProbabilityForm::isotonic;
  std::int64_t impostors = 500'000;  ///< held-out pairs of two that the probability is fitted on
  std::uint64_t seed = 1;
};

/// One penalty, on held-out people.
struct PenaltyResult {
  double strength = 0;
  double log_loss = 0;      ///< mean over the folds
  double excess = 0;        ///< over the best penalty, and
  double excess_error = 0;  ///< the standard error of that
};

struct PairTraining {
  /// Complete but for model, fingerprint and the texts.
  PairClassifier classifier;
  std::vector<PenaltyResult> penalties;  ///< falling strength
  double strength = 0;                   ///< the one that was chosen
  std::int64_t people = 0;
  std::int64_t genuine_pairs = 0;   ///< held-out pairs that were measured, of one person
  std::int64_t impostor_pairs = 0;  ///< and of two
  /// Probabilities on held-out people, fitted on the other folds: those of the plain distance
  /// through a logistic unit, and the classifier's.
  Reliability distance;
  Reliability unit;
};

/// Throws Error: invalid_argument when there are too few people for the folds (two with two
/// pictures in each at least) or options that cannot be used; cancelled.
PairTraining train_pair_classifier(const LabelledEncodings& encodings,
                                   const PairTrainingOptions& options, Progress& progress,
                                   const Cancellation* cancellation);

}  // namespace likeness
