#pragma once

/// What a painting may take of memory, and what its optimiser keeps of that.

#include <cstdint>
#include <string>

#include <likeness/style/picture_optimiser.h>

#include "style/canvas.h"

namespace likeness {

struct PaintingMemory {
  std::int64_t limit = 0;  ///< bytes that may be used
  /// L-BFGS remembers less than was asked for where its pictures would take more than a third.
  PictureOptimiserOptions optimiser;
  int pictures = 0;  ///< that the optimiser keeps
};

/// For a picture of this size. `limit` 0: 70 % of what is free, 4 GiB where nobody knows.
PaintingMemory painting_memory(std::int64_t limit, const PictureOptimiserOptions& optimiser,
                               Size size);

/// For people: what a picture takes. `tile_side` 0: painted as a whole.
std::string memory_text(Size size, std::int64_t bytes, std::int64_t tile_side);

}  // namespace likeness
