#pragma once

/// What a painting goes through: sizes from coarse to fine, the last of them at the end in several
/// views.

#include <cstddef>
#include <optional>
#include <vector>

#include "style/canvas.h"

namespace likeness {

struct Stage {
  Size size;
  std::size_t views = 1;  ///< how many of kViews the cost is a mean over
  int iterations = 0;     ///< at most
  double until = 1;       ///< of the time budget: the share that is spent at its end
};

struct StagePlan {
  int iterations = 0;  ///< of all stages
  /// Above 1: the last size ends in a stage of so many views. Not set: all of kViews, with about a
  /// fifth of the size's evaluations, or two where there is a single step for them.
  std::optional<std::size_t> views = {};
  bool from_picture = false;  ///< what is large is nearly painted: coarse sizes take less
};

/// The plan's iterations shared among `sizes`: those below the last take two fifths together, or
/// one fifth from a picture.
std::vector<Stage> stages_of(const std::vector<Size>& sizes, const StagePlan& plan);

}  // namespace likeness
