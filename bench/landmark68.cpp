#include "landmark68.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <torch/types.h>

namespace likeness::bench {
namespace {

constexpr int kSize = 112;
constexpr int kBlocks = 4;
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

Landmark68::Landmark68(const std::filesystem::path& folder) {
  const TfjsModel model(folder, "face_landmark_68_model");
  std::int64_t size = kSize;
  for (int i = 0; i < kBlocks; ++i) {
    const std::string prefix = "dense" + std::to_string(i) + "/conv";
    Block block;
    if (i == 0)
      block.stem = model.layer(prefix + "0", {.stride = 2, .size = size});
    else
      block.first = model.separable(prefix + "0", 2, size);
    size /= 2;
    for (std::size_t j = 0; j < block.rest.size(); ++j)
      block.rest[j] = model.separable(prefix + std::to_string(j + 1), 1, size);
    blocks_.push_back(std::move(block));
  }
  weight_ = model.tensor("fc/weights");
  bias_ = model.tensor("fc/bias");
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

  at::Tensor x = to_tensor(square, kNormalization);
  for (const auto& block : blocks_) {
    auto sum = (block.stem ? block.stem->forward(x) : block.first.forward(x)).relu_();
    x = sum;
    for (const auto& layer : block.rest) {
      sum = sum + layer.forward(x);
      x = at::relu(sum);
    }
  }
  const auto shares = (at::mean(x, {2, 3}).mm(weight_) + bias_).contiguous();

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
