#pragma once

/// What a painting goes through: sizes from coarse to fine, the last of them at the end in several
/// views.

#include <cstddef>
#include <vector>

#include "style/canvas.h"

namespace likeness {

struct Stage {
  Size size;
  std::size_t views = 1;  ///< how many of kViews the cost is a mean over
  int iterations = 0;     ///< at most
  double until = 1;       ///< of the time budget: the share that is spent at its end
};

/// `iterations` shared among `sizes`: those below the last take two fifths together. `views` above
/// 1: the last size ends in a stage of so many views, with about a fifth of its evaluations when
/// there are four.
std::vector<Stage> stages_of(const std::vector<Size>& sizes, int iterations, std::size_t views);

}  // namespace likeness
