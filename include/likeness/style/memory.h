#pragma once

/// What painting takes of memory, before it starts. Pure functions.

#include <cstdint>

#include <likeness/style/objective.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

struct MemoryNeed {
  std::int64_t bytes = 0;      ///< at the peak, beside what the program takes anyway
  std::int64_t tile_side = 0;  ///< that this is for (TileOptions); 0: the picture as a whole
};

/// Bytes for one evaluation with gradient at height × width: activations that wait for the way
/// back, and an optimiser that keeps `pictures` pictures; the content is kept in `views` views. An
/// estimate.
MemoryNeed memory_need(const PerceptualNetwork& network, const CostWeights& weights,
                       std::int64_t height, std::int64_t width, int pictures, int views,
                       std::int64_t tile_side);

/// The picture as a whole where that fits `limit` bytes, else in the largest tiles that do (sides
/// of 256 to 2048). Throws Error(too_large) when not even the smallest do: says what is needed and
/// the longest side of a picture of this aspect that would fit.
MemoryNeed choose_tiles(const PerceptualNetwork& network, const CostWeights& weights,
                        std::int64_t height, std::int64_t width, int pictures, int views,
                        std::int64_t limit);

/// Memory that is free for this process, from the operating system (Linux: MemAvailable, and the
/// limit of its control group); 0 when unknown.
std::int64_t available_memory();

}  // namespace likeness
