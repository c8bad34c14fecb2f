#include "style/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ATen/ATen.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/mask.h>

namespace likeness {
namespace {

/// Continues the last row and column up to the size of the canvas.
at::Tensor continued(const at::Tensor& picture, Size size) {
  const std::int64_t down = size.height - picture.size(2);
  const std::int64_t right = size.width - picture.size(3);
  if (down == 0 && right == 0) return picture;
  return at::replication_pad2d(picture.contiguous(), {0, right, 0, down});
}

}  // namespace

Size scaled_size(Size picture, int longest) {
  const double scale = static_cast<double>(longest) / picture.longest();
  const auto side = [scale](int pixels) {
    return std::max(1, static_cast<int>(std::lround(pixels * scale)));
  };
  return {.width = side(picture.width), .height = side(picture.height)};
}

std::vector<Size> level_sizes(Size final_size, std::optional<int> wanted, net::Tap last) {
  constexpr int kMostCoarse = 256;
  const int coarsest = wanted.value_or(std::min(final_size.longest() / 2, kMostCoarse));
  const auto smallest = static_cast<int>(net::VggImpl::smallest_side(last));
  std::vector<Size> sizes = {final_size};
  while (coarsest > 0) {
    const Size half = scaled_size(final_size, sizes.front().longest() / 2);
    if (half.longest() < coarsest || half.shortest() < 2 * smallest) break;
    sizes.insert(sizes.begin(), half);
  }
  return sizes;
}

Size canvas_size(Size size, net::Tap last) {
  const auto smallest = static_cast<int>(net::VggImpl::smallest_side(last));
  return {.width = std::max(size.width, smallest), .height = std::max(size.height, smallest)};
}

at::Tensor canvas(const Image& image, Size size, net::Tap last, c10::Device device) {
  const Image picture = without_alpha(image);
  const bool same = picture.width() == size.width && picture.height() == size.height;
  const at::Tensor pixels = to_tensor(same ? picture : resize(picture, size.width, size.height));
  return continued(pixels, canvas_size(size, last))
      .to(device)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor mask_canvas(const Image& mask, Size size, net::Tap last, c10::Device device) {
  const at::Tensor weights = mask_weights(mask, size.height, size.width);
  return continued(weights.unsqueeze(0).unsqueeze(0), canvas_size(size, last))
      .to(device)
      .squeeze(0)
      .squeeze(0);
}

Image from_canvas(const at::Tensor& canvas, Size size) {
  return to_image(canvas.narrow(2, 0, size.height).narrow(3, 0, size.width).cpu());
}

Image with_alpha_of(const Image& painted, const Image& content) {
  const int width = painted.width();
  const int height = painted.height();
  const Image scaled = resize(content, width, height);
  Image result(width, height, 4);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = result.row(y) + std::ptrdiff_t{4} * x;
      std::copy_n(painted.at(x, y).begin(), 3, pixel);
      pixel[3] = scaled.at(x, y)[3];
    }
  return result;
}

}  // namespace likeness
