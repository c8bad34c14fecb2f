#pragma once

/// The parts that a large picture is computed in (objective.h).

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/net/vgg.h>

namespace likeness {

/// Tiles begin and end at multiples of this, so that pooling falls alike in tile and whole.
inline constexpr std::int64_t kTileGrid = 16;

/// Pixels of the picture as positions of a tap.
inline std::int64_t at_tap(std::int64_t pixels, net::Tap tap) {
  return pixels >> static_cast<int>(tap);
}

/// A part of the picture, in pixels.
struct Tile {
  /// One axis: the inner part [from, to) inside what is computed, [begin, end).
  struct Span {
    std::int64_t begin, from, to, end, size;

    std::int64_t first(net::Tap tap) const { return at_tap(from, tap); }
    std::int64_t count(net::Tap tap) const {
      return (to == size ? at_tap(size, tap) : at_tap(to, tap)) - first(tap);
    }
    std::int64_t offset(net::Tap tap) const { return at_tap(from - begin, tap); }
  };
  Span y, x;

  /// The tile's inner part of something that the whole picture has at `tap`: dimensions H, W last.
  at::Tensor inside(const at::Tensor& whole, net::Tap tap) const {
    return whole.narrow(-2, y.first(tap), y.count(tap)).narrow(-1, x.first(tap), x.count(tap));
  }
  /// Of activations of the tile with its border, [1, C, H, W], those inside; a view.
  at::Tensor inner(const at::Tensor& features, net::Tap tap) const {
    return features.narrow(2, y.offset(tap), y.count(tap)).narrow(3, x.offset(tap), x.count(tap));
  }
  /// The tile with its border, of the picture [1, 3, H, W]; a view.
  at::Tensor cut(const at::Tensor& picture) const {
    return picture.narrow(2, y.begin, y.end - y.begin).narrow(3, x.begin, x.end - x.begin);
  }
  /// Of the positions of `tap`, those inside.
  double share(net::Tap tap) const {
    return static_cast<double>(y.count(tap) * x.count(tap)) /
           static_cast<double>(at_tap(y.size, tap) * at_tap(x.size, tap));
  }
};

/// The picture of height × width in tiles of about `side` (0: one tile), each with a border of the
/// reach of `last` where the picture goes on.
std::vector<Tile> tiles_of(std::int64_t height, std::int64_t width, std::int64_t side,
                           net::Tap last);

}  // namespace likeness
