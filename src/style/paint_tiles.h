#pragma once

/// Large pictures, painted in tiles that do not show.

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/image/image.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {

/// A rectangle of the picture.
struct TileArea {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Where styles rule in a part of the picture: [K, height, width]; undefined: one code for all.
using MapsOf = std::function<at::Tensor(const TileArea&)>;

/// How far, in pixels, a painted pixel looks beyond itself.
inline constexpr int kPaintReach = 96;

/// Paints `picture` (RGB) in tiles of `side` pixels, a multiple of 8, with the statistics of a
/// collage. Throws Error(cancelled).
Image paint_tiles(const OnePassPainter& painter, const Image& picture, const at::Tensor& codes,
                  const MapsOf& maps_of, const PaintControls& controls, int side,
                  Progress& progress, const Cancellation* cancellation);

/// The same with given codes (resolved) and statistics.
Image paint_tiles_with(const OnePassPainter& painter, const Image& picture, const PaintCodes& codes,
                       const MapsOf& maps_of, const net::PainterStatistics& statistics, int side,
                       Progress& progress, const Cancellation* cancellation);

}  // namespace likeness
