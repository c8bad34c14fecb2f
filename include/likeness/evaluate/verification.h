#pragma once

/// The verification protocol of Labeled Faces in the Wild (Huang et al. 2007, image-restricted):
/// ten folds, each decided with the threshold that is best on the other nine. Pure functions, safe
/// to call from many threads.
///
///     const VerificationMeasures measures = measure_verification(pairs);
///     std::cout << measures.accuracy_mean << " ± " << measures.accuracy_std;

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <likeness/evaluate/roc.h>

namespace likeness {

/// A compared pair. Without a distance no face was found in one of its pictures.
struct ScoredPair {
  bool same_person = false;
  int fold = 0;
  std::optional<float> distance;
};

struct FoldMeasure {
  std::int64_t pairs = 0;
  std::int64_t right = 0;
  float threshold = 0;  ///< best on the other folds
  double accuracy() const { return static_cast<double>(right) / static_cast<double>(pairs); }
};

/// A pair that its fold's threshold decides wrongly, or that could not be compared.
struct VerificationFailure {
  std::size_t pair = 0;  ///< index into the pairs
  float threshold = 0;   ///< of its fold
};

struct VerificationMeasures {
  std::int64_t genuine = 0;   ///< pairs of one person
  std::int64_t impostor = 0;  ///< pairs of different people
  std::int64_t no_face = 0;   ///< pairs, of both kinds, that could not be compared
  std::vector<FoldMeasure> folds;
  double accuracy_mean = 0;  ///< over the folds
  /// Sample standard deviation of the folds' accuracies (n − 1). The tables of LFW print the
  /// standard error of the mean instead: this divided by √folds.
  double accuracy_std = 0;
  Roc roc;
  double eer = 0;
  double auc = 0;
  /// The worst first: pairs without a distance, then by how far it lies beyond the threshold.
  std::vector<VerificationFailure> failures;

  std::int64_t pairs() const { return genuine + impostor; }
};

/// In the accuracy a pair without a distance is wrong, whichever class it has, and takes no part in
/// choosing thresholds; in the ROC it is rejected (see roc.h).
/// Throws Error(invalid_argument) with fewer than two folds, an empty fold, or when the folds that
/// choose a threshold lack a class. Requires folds numbered from 0 and distances ≥ 0.
VerificationMeasures measure_verification(std::span<const ScoredPair> pairs);

/// How much more accurate one way to compare is than another on the same folds.
struct PairedDifference {
  double mean = 0;
  double standard_error = 0;  ///< of the mean: deviation of the folds' differences / √folds
};

/// Accuracy of `first` minus that of `second`, fold by fold. Requires as many folds of each, two at
/// least.
PairedDifference paired_difference(std::span<const FoldMeasure> first,
                                   std::span<const FoldMeasure> second);

}  // namespace likeness
