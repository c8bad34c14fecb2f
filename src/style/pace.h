#pragma once

/// When a stage of a painting ends: its steps gain nothing any more, or there is no time for one.

#include <deque>

#include "style/stages.h"

namespace likeness {

/// How long evaluations of the cost take.
class Pace {
 public:
  /// A step of `stage` that computed the cost in one view so many times took so long.
  void note(const Stage& stage, int looks, double seconds);

  /// For a step, the first of a stage with the cost at its start, and the costs at the end, which
  /// take half an evaluation in one view. 0 as long as nothing is known.
  double seconds_for_step(const Stage& stage, bool first) const;

 private:
  double pace_ = 0;  ///< seconds for a pixel and view, the last time
};

/// Costs of steps, until ten together gain less than ten times the tolerance, a share of the cost.
class Standstill {
 public:
  /// `tolerance` 0: never.
  explicit Standstill(double tolerance) : tolerance_(tolerance) {}

  bool reached_at(double value);

 private:
  double tolerance_;
  std::deque<double> values_;  ///< the last ten
};

}  // namespace likeness
