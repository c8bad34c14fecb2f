#include <algorithm>
#include <cmath>

#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <opencv2/imgproc.hpp>

#include "image/matrix_view.h"

namespace likeness {
namespace {

constexpr int kOpaque = 255;

bool is_opaque(const Image& image) {
  if (!image.has_alpha()) return true;
  const auto pixels = image.pixels();
  for (std::size_t i = 3; i < pixels.size(); i += 4)
    if (pixels[i] != kOpaque) return false;
  return true;
}

/// Area averaging along an axis that gets smaller, bilinear along one that gets larger.
void resize_matrix(const cv::Mat& from, cv::Mat& to) {
  const bool narrower = to.cols <= from.cols;
  const bool lower = to.rows <= from.rows;
  if (narrower == lower) {
    cv::resize(from, to, to.size(), 0, 0, narrower ? cv::INTER_AREA : cv::INTER_LINEAR);
    return;
  }
  cv::Mat smaller;
  cv::resize(from, smaller, {std::min(from.cols, to.cols), std::min(from.rows, to.rows)}, 0, 0,
             cv::INTER_AREA);
  cv::resize(smaller, to, to.size(), 0, 0, cv::INTER_LINEAR);
}

/// Colour times alpha, so that the colour under transparent pixels does not bleed into the mean.
cv::Mat premultiplied(const Image& image) {
  cv::Mat result(image.height(), image.width(), CV_16UC4);
  for (int y = 0; y < image.height(); ++y) {
    const std::uint8_t* from = image.row(y);
    auto* to = result.ptr<std::uint16_t>(y);
    for (int x = 0; x < image.width(); ++x, from += 4, to += 4) {
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint16_t>(from[c] * from[3]);
      to[3] = static_cast<std::uint16_t>(from[3] * kOpaque);
    }
  }
  return result;
}

Image unpremultiplied(const cv::Mat& matrix) {
  Image result(matrix.cols, matrix.rows, 4);
  for (int y = 0; y < matrix.rows; ++y) {
    const auto* from = matrix.ptr<std::uint16_t>(y);
    std::uint8_t* to = result.row(y);
    for (int x = 0; x < matrix.cols; ++x, from += 4, to += 4) {
      const int alpha = from[3];
      if (alpha == 0) continue;
      for (int c = 0; c < 3; ++c)
        to[c] =
            static_cast<std::uint8_t>(std::min(kOpaque, (from[c] * kOpaque + alpha / 2) / alpha));
      to[3] = static_cast<std::uint8_t>((alpha + kOpaque / 2) / kOpaque);
    }
  }
  return result;
}

}  // namespace

Image resize(const Image& image, int width, int height) {
  LIKENESS_CHECK(!image.empty());
  LIKENESS_CHECK(width > 0 && height > 0);
  if (width == image.width() && height == image.height()) return image;
  if (!is_opaque(image)) {
    cv::Mat smaller(height, width, CV_16UC4);
    resize_matrix(premultiplied(image), smaller);
    return unpremultiplied(smaller);
  }
  Image result(width, height, image.channels());
  cv::Mat matrix = matrix_view(result);
  resize_matrix(matrix_view(image), matrix);
  return result;
}

Image resize_to_fit(const Image& image, int max_side) {
  LIKENESS_CHECK(!image.empty());
  LIKENESS_CHECK(max_side > 0);
  const int longest = std::max(image.width(), image.height());
  if (longest <= max_side) return image;
  const double scale = static_cast<double>(max_side) / longest;
  const auto scaled = [scale](int side) {
    return std::max(1, static_cast<int>(std::lround(side * scale)));
  };
  return resize(image, scaled(image.width()), scaled(image.height()));
}

Image crop(const Image& image, int x, int y, int width, int height) {
  LIKENESS_CHECK(width > 0 && height > 0);
  Image result(width, height, image.channels());
  const std::int64_t left = std::max<std::int64_t>(0, x);
  const std::int64_t right = std::min<std::int64_t>(image.width(), std::int64_t{x} + width);
  const std::int64_t top = std::max<std::int64_t>(0, y);
  const std::int64_t bottom = std::min<std::int64_t>(image.height(), std::int64_t{y} + height);
  if (left >= right) return result;
  const int channels = image.channels();
  for (std::int64_t row = top; row < bottom; ++row) {
    const std::uint8_t* from = image.row(static_cast<int>(row)) + left * channels;
    std::copy_n(from, (right - left) * channels,
                result.row(static_cast<int>(row - y)) + (left - x) * channels);
  }
  return result;
}

Image mirror(const Image& image) {
  if (image.empty()) return {};
  Image result(image.width(), image.height(), image.channels());
  cv::Mat matrix = matrix_view(result);
  cv::flip(matrix_view(image), matrix, 1);
  return result;
}

Image without_alpha(const Image& image) {
  if (!image.has_alpha()) return image;
  Image result(image.width(), image.height(), 3);
  const std::uint8_t* from = image.pixels().data();
  for (std::uint8_t* to = result.pixels().data();
       to != result.pixels().data() + result.pixels().size(); from += 4, to += 3) {
    const int alpha = from[3];
    for (int c = 0; c < 3; ++c)
      to[c] = static_cast<std::uint8_t>(
          (from[c] * alpha + kOpaque * (kOpaque - alpha) + kOpaque / 2) / kOpaque);
  }
  return result;
}

}  // namespace likeness
