#include "style/painting_memory.h"

#include <algorithm>

#include <likeness/style/memory.h>

namespace likeness {
namespace {

constexpr int kFewestSteps = 5;
constexpr std::int64_t kPixel =
    std::int64_t{2} * 3 * sizeof(float);  ///< of a step and a gradient difference
constexpr int kPicturesOfAdam = 3;

}  // namespace

PaintingMemory painting_memory(std::int64_t limit, const PictureOptimiserOptions& optimiser,
                               Size size) {
  const auto free = static_cast<double>(available_memory());
  PaintingMemory memory{.limit = limit > 0  ? limit
                                 : free > 0 ? static_cast<std::int64_t>(0.7 * free)
                                            : std::int64_t{4} << 30,
                        .optimiser = optimiser};
  int& history = memory.optimiser.history;
  while (history > kFewestSteps && history * kPixel * size.width * size.height > memory.limit / 3)
    history = std::max(kFewestSteps, history / 2);
  memory.pictures = optimiser.method == PictureMethod::lbfgs ? 2 * history : kPicturesOfAdam;
  return memory;
}

std::string memory_text(Size size, std::int64_t bytes, std::int64_t tile_side) {
  return std::to_string(size.width) + " x " + std::to_string(size.height) + " pixels take about " +
         std::to_string(bytes / 1'000'000) + " MB of memory" +
         (tile_side > 0 ? ", in tiles of " + std::to_string(tile_side) + " pixels" : "");
}

}  // namespace likeness
