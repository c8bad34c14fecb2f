#include "landmark68.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/model/network.h>
#include <torch/types.h>

namespace likeness::bench {
namespace {

constexpr int kSize = net::Landmark68Impl::kInputSize;
constexpr Normalization kNormalization{.mean = {122.782F, 117.001F, 104.298F}, .scale = 1 / 255.0F};

/// Whole pixels: a part of the picture.
struct Part {
  int x, y, width, height;
};

std::optional<Part> part_under(const Box& box, const Image& image) {
  const int left = std::max(0, static_cast<int>(std::floor(box.x)));
  const int top = std::max(0, static_cast<int>(std::floor(box.y)));
  const int right = std::min(image.width(), static_cast<int>(std::floor(box.x + box.width)));
  const int bottom = std::min(image.height(), static_cast<int>(std::floor(box.y + box.height)));
  if (right <= left || bottom <= top) return std::nullopt;
  return Part{left, top, right - left, bottom - top};
}

/// The mean of points first … last.
Point mean_point(const std::array<Point, 68>& points, std::size_t first, std::size_t last) {
  Point sum;
  for (std::size_t i = first; i <= last; ++i) {
    sum.x += points[i].x;
    sum.y += points[i].y;
  }
  const auto count = static_cast<float>(last - first + 1);
  return {sum.x / count, sum.y / count};
}

}  // namespace

Landmark68::Landmark68(const ModelStore& store) {
  load_parameters(*network_, store.load("landmark68"));
  network_->pack();
}

std::optional<Landmarks> Landmark68::find(const Image& image, const Box& box) const {
  const torch::NoGradGuard no_gradients;
  const auto part = part_under(box, image);
  if (!part) return std::nullopt;
  // The part is scaled until it fits into the square and sits in its middle, on black.
  const float scale =
      static_cast<float>(kSize) / static_cast<float>(std::max(part->width, part->height));
  const auto shift = [&](int side) {
    return (static_cast<float>(kSize) - scale * static_cast<float>(side)) / 2 + 0.5F * scale - 0.5F;
  };
  const Similarity into{.a = scale, .b = 0, .tx = shift(part->width), .ty = shift(part->height)};
  const Image square =
      warp(crop(image, part->x, part->y, part->width, part->height), into, kSize, kSize);

  const auto shares = network_->forward(to_tensor(square, kNormalization)).contiguous();

  const float* share = shares.data_ptr<float>();
  const Similarity back = into.inverse();
  std::array<Point, 68> points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point p = back.apply({share[2 * i] * kSize - 0.5F, share[2 * i + 1] * kSize - 0.5F});
    points[i] = {p.x + static_cast<float>(part->x), p.y + static_cast<float>(part->y)};
  }
  return Landmarks{.left_eye = mean_point(points, 36, 41),
                   .right_eye = mean_point(points, 42, 47),
                   .nose = points[30],
                   .left_mouth = points[48],
                   .right_mouth = points[54]};
}

}  // namespace likeness::bench
