#pragma once

/// Large pictures, painted in tiles that do not show.

#include <functional>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/image/image.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {

/// Where styles rule in a part of the picture: [K, height, width]; undefined: one code for all.
using MapsOf = std::function<at::Tensor(const PictureArea&)>;

/// How far, in pixels, a painted pixel looks beyond itself.
inline constexpr int kPaintReach = 128;

/// The statistics of the whole `picture` (RGB), of which `side` pixels, a multiple of 8, are seen
/// at a time. `mask`: [H, W] in 0…1, the part of it that counts, somewhere above 0; undefined: all.
/// Throws Error(cancelled).
net::PainterStatistics statistics_in_tiles(const OnePassPainter& painter, const Image& picture,
                                           const at::Tensor& mask, int side, Progress& progress,
                                           const Cancellation* cancellation);

/// Paints `picture` (RGB) in tiles of `side` pixels, a multiple of 8. They are painted with
/// statistics_in_tiles(): but for rounding the result is that of a single pass. Throws
/// Error(cancelled).
Image paint_tiles(const OnePassPainter& painter, const Image& picture, const at::Tensor& codes,
                  const MapsOf& maps_of, const PaintControls& controls, int side,
                  Progress& progress, const Cancellation* cancellation);

}  // namespace likeness
