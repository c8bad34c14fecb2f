#pragma once

/// New pictures from old ones: crops, resizes, mirror images, warps, blends. All functions return a
/// copy and are safe to call from many threads.

#include <likeness/image/geometry.h>
#include <likeness/image/image.h>

namespace likeness {

/// `image` scaled to width × height: area averaging to make it smaller, bilinear to make it larger.
/// Requires a picture that is not empty and width, height > 0.
Image resize(const Image& image, int width, int height);

/// The largest size within max_side × max_side that keeps the aspect; never enlarges.
Image resize_to_fit(const Image& image, int max_side);

/// The part of `image` under the rectangle; what lies outside of the picture is black. Requires
/// width, height > 0.
Image crop(const Image& image, int x, int y, int width, int height);

/// Left and right exchanged.
Image mirror(const Image& image);

/// Samples `image` so that point p of it appears at transform.apply(p) of the width × height
/// result: bilinear, exact to the sub-pixel, outside black. Where the result is half as large or
/// smaller (scale s = √(a² + b²) ≤ 1/2), squares of ⌊1/s⌋ pixels are averaged first, so that
/// nothing aliases. Only the part of the picture that the result shows is read. Alpha is a channel
/// like the others. Requires a picture that is not empty, width, height > 0 and s > 0.
Image warp(const Image& image, const Similarity& transform, int width, int height);

/// Alpha flattened over white, three channels; an RGB picture is returned as it is.
Image without_alpha(const Image& image);

}  // namespace likeness
