#pragma once

/// The receiver operating characteristic of verification and the figures read from it. Exact for
/// the given pairs, ties included, in O(n log n). Pure functions, safe to call from many threads.
///
/// Words: FAR (false accept rate, here also FMR, false-match rate) is the share of impostor pairs
/// that a threshold accepts; TAR (true accept rate, 1 − FNMR) the share of genuine pairs. A pair
/// is accepted when its distance ≤ the threshold. A pair that could not be compared, because no
/// face was found, counts as rejected at every threshold.
///
///     const Roc roc = roc_curve({.genuine = genuine, .impostor = impostor});
///     const double tar = roc.at_far(1e-3).tar;

#include <cstdint>
#include <vector>

namespace likeness {

/// Distances by class, and how many pairs have none.
struct ScoreSet {
  std::vector<float> genuine;
  std::vector<float> impostor;
  std::int64_t genuine_without = 0;
  std::int64_t impostor_without = 0;
};

struct RocPoint {
  float threshold = 0;
  double far = 0;
  double tar = 0;
};

struct Roc {
  /// The point (0, 0) with the threshold −1, which no distance reaches, then one for each different
  /// distance, rising.
  std::vector<RocPoint> points;

  /// The point with the highest threshold whose FAR is ≤ `far`: the share of genuine pairs closer
  /// than the impostor pair that would be one too many.
  const RocPoint& at_far(double far) const;

  /// The rate at which FAR and FRR = 1 − TAR are equal, interpolated linearly between neighbouring
  /// points.
  double equal_error_rate() const;

  /// Area under the curve: the probability that a genuine pair is closer than an impostor pair,
  /// equal distances counting one half (Mann and Whitney's U). Pairs without a distance lie beyond
  /// all others.
  double area() const;
};

/// Throws Error(invalid_argument) when a class has no pairs at all. Requires distances ≥ 0.
Roc roc_curve(ScoreSet scores);

}  // namespace likeness
