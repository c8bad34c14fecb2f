#pragma once

/// A logistic unit over distances: the probability that a pair shows one person. Pure functions,
/// safe to call from many threads.
///
///     const LogisticUnit unit = fit_logistic({{genuine}, {impostor}});
///     const double p = unit.probability({&distance, 1});

#include <span>
#include <vector>

namespace likeness {

/// P(same person | d) = 1 / (1 + exp(slopes · d + offset)): falls with every distance, since no
/// slope is negative.
struct LogisticUnit {
  std::vector<double> slopes;  ///< one for each kind of distance, ≥ 0
  double offset = 0;

  /// In [0, 1]. Requires as many distances as slopes.
  double probability(std::span<const float> distances) const;
};

/// Pairs to learn from. [k][i] is the k-th kind of distance of pair i; every kind lists the same
/// pairs in the same order. Views: the caller keeps the numbers.
struct LogisticData {
  std::vector<std::span<const float>> genuine;   ///< pairs of one person
  std::vector<std::span<const float>> impostor;  ///< pairs of different people
};

/// The maximum-likelihood unit for genuine and impostor pairs that are equally likely beforehand:
/// each class weighs one half, however many pairs it has. Newton's method with backtracking on
/// Platt's smoothed targets, (n + 1)/(n + 2) and 1/(n + 2), so that classes that do not overlap
/// have a finite solution too (Platt 1999; Lin, Lin and Weng 2007). A distance whose slope would be
/// negative is left out (slope 0).
/// Throws Error(invalid_argument) when a class has no pairs or a distance is not finite.
LogisticUnit fit_logistic(const LogisticData& data);

}  // namespace likeness
