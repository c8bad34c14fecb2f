#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include <likeness/core/error.h>
#include <likeness/style/memory.h>

#include "style/tile.h"

namespace likeness {
namespace {

using net::Tap;

/// Copies of the largest layer that a step holds beside what is saved: the gradient that comes in,
/// the one that goes out, the float32 rows of a Gram matrix.
constexpr double kWorkspace = 3;

/// What the heap holds over what is alive: freed memory is kept for the next step (core/heap.h),
/// and pieces of one size do not fill the gaps of another. Measured at 4096 pixels in tiles.
constexpr double kHeap = 1.5;

/// Bytes of activations that one pixel's way through the network leaves until the way back.
double bytes_per_pixel(const PerceptualNetwork& network, Tap last) {
  const double element = network.bf16() ? 2 : 4;
  double bytes = 3 * 4 * 3;  // the picture, its gradient, a copy
  double pixels = 1;
  const auto blocks = static_cast<std::size_t>(last) + 1;
  std::int64_t before = 3;
  double largest = 0;
  for (std::size_t block = 0; block < blocks; ++block, pixels /= 4) {
    const auto width = static_cast<double>(network.layers().widths[block]);
    const auto tap_width = static_cast<double>(network.layers().tap_widths[block]);
    const bool ends = block + 1 == blocks;
    const int convolutions = ends ? 1 : block < 2 ? 2 : 4;
    bytes += pixels * (tap_width + (convolutions - 1) * width) * element;
    if (block > 0)  // what pooling gives, and where each maximum was (64 bits)
      bytes += pixels * static_cast<double>(before) * (element + 8);
    bytes += pixels * tap_width * 4;  // rows of the Gram matrix in float32
    largest = std::max(largest, pixels * tap_width * element);
    before = network.layers().widths[block];
  }
  return bytes + kWorkspace * largest;
}

std::string megabytes(double bytes) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(bytes / 1e6))) + " MB";
}

}  // namespace

MemoryNeed memory_need(const PerceptualNetwork& network, const CostWeights& weights,
                       std::int64_t height, std::int64_t width, int pictures, int views,
                       std::int64_t tile_side) {
  const Tap last = weights.last_tap();
  double computed = 0;  // pixels that go through the network at once
  for (const Tile& tile : tiles_of(height, width, tile_side, last))
    computed = std::max(computed, static_cast<double>(tile.y.end - tile.y.begin) *
                                      static_cast<double>(tile.x.end - tile.x.begin));
  const auto pixels = static_cast<double>(height * width);
  double bytes = computed * bytes_per_pixel(network, last);
  bytes += pixels * 3 * 4 * (pictures + 6);  // picture, trial, gradients, direction
  for (const auto& [tap, weight] : weights.content_layers) {
    const auto channels =
        static_cast<double>(network.layers().tap_widths.at(static_cast<std::size_t>(tap)));
    // The content's activations in each view; in float32 the difference from them, and what K makes
    // of it.
    bytes += static_cast<double>(at_tap(height, tap) * at_tap(width, tap)) * channels *
             (views * (network.bf16() ? 2 : 4) + 2 * 4);
  }
  return {.bytes = static_cast<std::int64_t>(kHeap * bytes), .tile_side = tile_side};
}

MemoryNeed choose_tiles(const PerceptualNetwork& network, const CostWeights& weights,
                        std::int64_t height, std::int64_t width, int pictures, int views,
                        std::int64_t limit) {
  MemoryNeed need;
  for (const std::int64_t side : {0, 2048, 1536, 1024, 768, 512, 384, 256}) {
    need = memory_need(network, weights, height, width, pictures, views, side);
    if (need.bytes <= limit) return need;
  }
  std::int64_t longest = std::max(height, width);
  const double aspect = static_cast<double>(std::min(height, width)) / static_cast<double>(longest);
  while (longest > 64) {
    longest = longest * 15 / 16;
    const auto other = std::max<std::int64_t>(
        kTileGrid, static_cast<std::int64_t>(static_cast<double>(longest) * aspect));
    if (memory_need(network, weights, longest, other, pictures, views, 256).bytes <= limit) break;
  }
  throw Error(ErrorCode::too_large,
              std::to_string(width) + " x " + std::to_string(height) + " pixels need " +
                  megabytes(static_cast<double>(need.bytes)) + " of memory, and " +
                  megabytes(static_cast<double>(limit)) +
                  " may be used; the longest side that fits is " + std::to_string(longest) +
                  " (--size), or allow more (--memory)");
}

std::int64_t available_memory() {
  std::int64_t available = 0;
  std::ifstream meminfo("/proc/meminfo");
  for (std::string key; meminfo >> key;) {
    std::int64_t kilobytes = 0;
    if (key == "MemAvailable:" && meminfo >> kilobytes) available = kilobytes * 1024;
    std::getline(meminfo, key);
  }
  // A container may get less than the machine has ("max" is no number).
  std::int64_t limit = 0;
  std::int64_t used = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit &&
      std::ifstream("/sys/fs/cgroup/memory.current") >> used)
    available = std::min(available, std::max<std::int64_t>(limit - used, 0));
  return available;
}

}  // namespace likeness
