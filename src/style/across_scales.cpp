#include "style/across_scales.h"

#include <array>
#include <cstdint>

#include <ATen/ATen.h>

namespace likeness {
namespace {

constexpr std::array<std::int64_t, 3> kScales = {8, 16, 32};
constexpr double kShare = 2;  ///< of each scale, against what is finest

}  // namespace

at::Tensor across_scales(const at::Tensor& x) {
  const std::int64_t height = x.size(2);
  const std::int64_t width = x.size(3);
  // In one layout whatever that of x: another rounds otherwise, and a painting that is taken up
  // again must go on to the bit.
  const at::Tensor plain = x.contiguous();
  at::Tensor sum = x.clone();
  for (const std::int64_t scale : kScales) {
    const std::int64_t rows = (height + scale - 1) / scale;
    const std::int64_t columns = (width + scale - 1) / scale;
    // The backward of the enlargement is its transpose.
    const at::Tensor small = at::upsample_bilinear2d_backward(
        plain, {height, width}, {x.size(0), x.size(1), rows, columns}, false);
    sum.add_(at::upsample_bilinear2d(small, {height, width}, false),
             kShare / static_cast<double>(scale * scale));
  }
  return sum;
}

}  // namespace likeness
