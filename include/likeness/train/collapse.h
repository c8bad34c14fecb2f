#pragma once

/// Watches a run for collapse: with hard triplets a network may find that the cheapest answer is to
/// put all faces onto one point, where every triplet costs just the margin (Schroff 2015, section
/// 3.2). Nothing is learned from then on, so it should be seen at once. One object belongs to one
/// thread at a time.

#include <cstdint>
#include <optional>
#include <string>

#include <likeness/train/training_log.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {

class CollapseWatch {
 public:
  explicit CollapseWatch(const TripletLossOptions& loss);

  /// Looks at a step; the first time that things have gone wrong for a while, what was seen and
  /// what to change.
  std::optional<std::string> look_at(const StepMeasures& measures);

 private:
  TripletLossOptions loss_;
  std::int64_t without_variance_ = 0;  ///< steps in a row
  std::int64_t at_the_margin_ = 0;
  bool said_ = false;
};

}  // namespace likeness
