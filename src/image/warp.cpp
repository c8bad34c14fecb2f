#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <opencv2/core/hal/intrin.hpp>

namespace likeness {
namespace {

/// The pixels that bilinear sampling reads.
struct Source {
  const std::uint8_t* pixels = nullptr;
  std::ptrdiff_t stride = 0;
  int width = 0;
  int height = 0;
};

struct Bounds {
  double left;
  double top;
  double right;
  double bottom;
};

/// Where the corners of the width × height result lie in the picture.
Bounds source_bounds(const Similarity& to_source, int width, int height) {
  const auto w = static_cast<float>(width - 1);
  const auto h = static_cast<float>(height - 1);
  Bounds bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const Point corner : {Point{0, 0}, Point{w, 0}, Point{0, h}, Point{w, h}}) {
    const Point p = to_source.apply(corner);
    bounds.left = std::min<double>(bounds.left, p.x);
    bounds.right = std::max<double>(bounds.right, p.x);
    bounds.top = std::min<double>(bounds.top, p.y);
    bounds.bottom = std::max<double>(bounds.bottom, p.y);
  }
  return bounds;
}

/// A part of a picture that is averaged down: square (i, j) of factor × factor pixels begins at
/// (left + factor·i, top + factor·j), which may lie outside of the picture.
struct Squares {
  int left = 0;
  int top = 0;
  int columns = 0;
  int rows = 0;
  int factor = 1;
};

/// The squares that sampling within `bounds` reads.
Squares squares_around(const Bounds& bounds, const Image& image, int factor) {
  const int margin = 2 * factor;  // bilinear sampling reads the neighbours too
  Squares squares;
  squares.factor = factor;
  squares.left = static_cast<int>(std::max(bounds.left, 0.0)) - margin;
  squares.top = static_cast<int>(std::max(bounds.top, 0.0)) - margin;
  const double right = std::min<double>(bounds.right, image.width()) + margin;
  const double bottom = std::min<double>(bounds.bottom, image.height()) + margin;
  squares.columns = static_cast<int>((right - squares.left) / factor) + 1;
  squares.rows = static_cast<int>((bottom - squares.top) / factor) + 1;
  return squares;
}

/// Sums of the columns of one row of squares, from column `first` (of the squares) to `last`.
template <int channels, class Sum>
void add_rows(const Image& image, const Squares& squares, int row, int first, int last,
              std::vector<Sum>& sums) {
  const int begin = std::max(0, squares.top + row * squares.factor);
  const int end = std::min(image.height(), squares.top + (row + 1) * squares.factor);
  const int count = (last - first) * channels;
  for (int y = begin; y < end; ++y) {
    const std::uint8_t* from = image.row(y) + std::ptrdiff_t{squares.left + first} * channels;
    Sum* sum = sums.data() + std::ptrdiff_t{first} * channels;
    for (int i = 0; i < count; ++i) sum[i] = static_cast<Sum>(sum[i] + from[i]);
  }
}

/// The mean of each square; what lies outside of the picture counts as black. `Sum` holds the sum
/// of one column of a square.
template <int channels, class Sum>
Image averaged(const Image& image, const Squares& squares) {
  Image result(squares.columns, squares.rows, channels);
  const int width = squares.columns * squares.factor;
  std::vector<Sum> sums(static_cast<std::size_t>(width) * channels);
  const int first = std::max(0, -squares.left);
  const int last = std::min(width, image.width() - squares.left);
  const auto area = static_cast<std::uint64_t>(squares.factor) * squares.factor;
  for (int row = 0; row < squares.rows; ++row) {
    std::fill(sums.begin(), sums.end(), 0);
    add_rows<channels, Sum>(image, squares, row, first, last, sums);
    std::uint8_t* to = result.row(row);
    const Sum* sum = sums.data();
    for (int x = 0; x < squares.columns; ++x, to += channels) {
      std::array<std::uint64_t, channels> total = {};
      for (int k = 0; k < squares.factor; ++k, sum += channels)
        for (int c = 0; c < channels; ++c) total[c] += sum[c];
      for (int c = 0; c < channels; ++c)
        to[c] = static_cast<std::uint8_t>((total[c] + area / 2) / area);
    }
  }
  return result;
}

/// Sampling in the squares instead of in the picture: square 0 has its centre (factor − 1) / 2
/// pixels behind its first pixel.
Similarity in_squares(const Similarity& to_source, const Squares& squares) {
  const double factor = squares.factor;
  const double half = (factor - 1) / 2;
  return {static_cast<float>(to_source.a / factor), static_cast<float>(to_source.b / factor),
          static_cast<float>((to_source.tx - squares.left - half) / factor),
          static_cast<float>((to_source.ty - squares.top - half) / factor)};
}

using Corners = std::array<const std::uint8_t*, 4>;

/// The bilinear mean of four pixels; reads four bytes of each.
inline cv::v_float32x4 interpolate(const Corners& corners, float fx, float fy) {
  const auto load = [&corners](std::size_t i) {
    alignas(4) std::array<std::uint8_t, 4> pixel;  // OpenCV reads it as one aligned number
    std::memcpy(pixel.data(), corners[i], pixel.size());
    return cv::v_cvt_f32(cv::v_reinterpret_as_s32(cv::v_load_expand_q(pixel.data())));
  };
  const cv::v_float32x4 x = cv::v_setall_f32(fx);
  const cv::v_float32x4 upper_left = load(0);
  const cv::v_float32x4 lower_left = load(2);
  const cv::v_float32x4 above = cv::v_muladd(load(1) - upper_left, x, upper_left);
  const cv::v_float32x4 below = cv::v_muladd(load(3) - lower_left, x, lower_left);
  return cv::v_muladd(below - above, cv::v_setall_f32(fy), above);
}

template <int channels>
void store(const cv::v_float32x4& mean, std::uint8_t* to) {
  const cv::v_int16x8 words = cv::v_pack(cv::v_round(mean), cv::v_setzero_s32());
  std::array<std::uint8_t, 8> bytes;
  cv::v_pack_u_store(bytes.data(), words);
  std::copy_n(bytes.data(), channels, to);
}

/// The pixels at (x, y), (x + 1, y), (x, y + 1) and (x + 1, y + 1), four bytes each; black stands
/// for those outside.
template <int channels>
std::array<std::uint8_t, 16> edge_pixels(const Source& source, int x, int y) {
  std::array<std::uint8_t, 16> pixels = {};
  for (int i = 0; i < 4; ++i) {
    const int column = x + i % 2;
    const int row = y + i / 2;
    if (column < 0 || column >= source.width || row < 0 || row >= source.height) continue;
    std::copy_n(source.pixels + row * source.stride + std::ptrdiff_t{column} * channels, channels,
                pixels.data() + std::ptrdiff_t{4} * i);
  }
  return pixels;
}

/// Bilinear sampling; what lies outside of `source` is black.
template <int channels>
void sample(const Source& source, const Similarity& to_source, Image& result) {
  for (int y = 0; y < result.height(); ++y) {
    std::uint8_t* to = result.row(y);
    // In double: far from the origin of a large picture a float has too few digits for sub-pixels.
    const double u0 = to_source.tx - static_cast<double>(to_source.b) * y;
    const double v0 = to_source.ty + static_cast<double>(to_source.a) * y;
    for (int x = 0; x < result.width(); ++x, to += channels) {
      const double u = u0 + static_cast<double>(to_source.a) * x;
      const double v = v0 + static_cast<double>(to_source.b) * x;
      if (!(u > -1 && v > -1 && u < source.width && v < source.height)) continue;
      const int left = static_cast<int>(u + 1) - 1;  // floor, for u > -1
      const int top = static_cast<int>(v + 1) - 1;
      const auto fx = static_cast<float>(u - left);
      const auto fy = static_cast<float>(v - top);
      // One pixel off the right edge, because four bytes are read where a pixel may have three.
      if (left >= 0 && top >= 0 && left + 2 < source.width && top + 1 < source.height) {
        const std::uint8_t* corner =
            source.pixels + top * source.stride + std::ptrdiff_t{left} * channels;
        store<channels>(interpolate({corner, corner + channels, corner + source.stride,
                                     corner + source.stride + channels},
                                    fx, fy),
                        to);
      } else {
        const auto edge = edge_pixels<channels>(source, left, top);
        store<channels>(
            interpolate({edge.data(), edge.data() + 4, edge.data() + 8, edge.data() + 12}, fx, fy),
            to);
      }
    }
  }
}

template <int channels>
Source whole(const Image& image) {
  return {image.row(0), std::ptrdiff_t{image.width()} * channels, image.width(), image.height()};
}

template <int channels>
Image warp_channels(const Image& image, const Similarity& transform, int width, int height) {
  Image result(width, height, channels);
  const Similarity to_source = transform.inverse();
  const Bounds bounds = source_bounds(to_source, width, height);
  if (!(bounds.right > -1 && bounds.bottom > -1 && bounds.left < image.width() &&
        bounds.top < image.height()))
    return result;
  constexpr double kLargestFactor = 65'536;  // a whole picture in one square
  constexpr double kRounding = 1.0001;       // of a whole factor that came as floats
  const auto factor =
      static_cast<int>(std::min(kRounding * std::hypot(to_source.a, to_source.b), kLargestFactor));
  if (factor < 2) {
    sample<channels>(whole<channels>(image), to_source, result);
    return result;
  }
  const Squares squares = squares_around(bounds, image, factor);
  constexpr int kLargestForShort = 65'535 / 255;
  const Image smaller = factor <= kLargestForShort
                            ? averaged<channels, std::uint16_t>(image, squares)
                            : averaged<channels, std::uint32_t>(image, squares);
  sample<channels>(whole<channels>(smaller), in_squares(to_source, squares), result);
  return result;
}

}  // namespace

Image warp(const Image& image, const Similarity& transform, int width, int height) {
  LIKENESS_CHECK(!image.empty());
  LIKENESS_CHECK(width > 0 && height > 0);
  return image.has_alpha() ? warp_channels<4>(image, transform, width, height)
                           : warp_channels<3>(image, transform, width, height);
}

}  // namespace likeness
