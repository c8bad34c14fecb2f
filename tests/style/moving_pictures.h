#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/image/geometry.h>
#include <likeness/image/image.h>
#include <likeness/image/transform.h>

namespace likeness {

/// Blocks, stripes and grain: something to follow at every scale.
inline Image scene(int width, int height) {
  std::mt19937 random(5);
  Image image(width, height);
  for (int side : {64, 23, 9, 3}) {
    const int across = width / side + 1;
    std::vector<int> shades(static_cast<std::size_t>(3 * across * (height / side + 1)));
    for (int& shade : shades) shade = static_cast<int>(random() % 256);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < 3; ++c) {
          const int shade =
              shades[static_cast<std::size_t>(3 * (y / side * across + x / side) + c)];
          std::uint8_t& sample = image.row(y)[3 * x + c];
          sample = static_cast<std::uint8_t>(side == 64 ? shade : (3 * sample + shade) / 4);
        }
  }
  return resize(resize(image, width / 2, height / 2), width, height);
}

/// A camera that pans and zooms over a picture.
struct Camera {
  double across = 0;  ///< pixels a frame
  double down = 0;
  double zoom = 1;  ///< factor a frame
};

/// Frame `number` of width × height, from the middle of `picture`, with grain as of a sensor.
inline Image frame_of(const Image& picture, const Camera& camera, int number, int width,
                      int height) {
  const double scale = std::pow(camera.zoom, number);
  Similarity view;
  view.a = scale;
  view.b = 0;
  view.tx = width / 2.0 - scale * (picture.width() / 2.0 + camera.across * number);
  view.ty = height / 2.0 - scale * (picture.height() / 2.0 + camera.down * number);
  Image frame = warp(picture, view, width, height);
  std::mt19937 random(static_cast<std::uint32_t>(number));
  for (std::uint8_t& sample : frame.pixels())
    sample = static_cast<std::uint8_t>(
        std::clamp(static_cast<int>(sample) + static_cast<int>(random() % 7) - 3, 0, 255));
  return frame;
}

/// The true flow from each frame to the one before: [H, W, 2].
inline at::Tensor true_flow(const Image& picture, const Camera& camera, int number, int width,
                            int height) {
  const double scale = std::pow(camera.zoom, number);
  const double before = std::pow(camera.zoom, number - 1);
  at::Tensor flow = at::empty({height, width, 2});
  auto values = flow.accessor<float, 3>();
  const auto moved = [&](double x, double middle, double centre, double step) {
    const double place = (x - middle) / scale + centre + step * number;
    return before * (place - centre - step * (number - 1)) + middle - x;
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      values[y][x][0] =
          static_cast<float>(moved(x, width / 2.0, picture.width() / 2.0, camera.across));
      values[y][x][1] =
          static_cast<float>(moved(y, height / 2.0, picture.height() / 2.0, camera.down));
    }
  return flow;
}

/// 1 where the place was in the frame before: [H, W].
inline at::Tensor seen_before(const at::Tensor& flow) {
  const auto height = flow.size(0);
  const auto width = flow.size(1);
  const at::Tensor x = flow.select(2, 0) + at::arange(width, at::kFloat).unsqueeze(0);
  const at::Tensor y = flow.select(2, 1) + at::arange(height, at::kFloat).unsqueeze(1);
  return (x.ge(0) * x.le(static_cast<double>(width - 1)) * y.ge(0) *
          y.le(static_cast<double>(height - 1)))
      .to(at::kFloat);
}

}  // namespace likeness
