#include "style/across_scales.h"

#include <array>
#include <cstdint>

#include <ATen/ATen.h>

namespace likeness {
namespace {

constexpr std::int64_t kFinest = 8;
constexpr std::array<std::int64_t, 2> kCoarser = {2, 4};  ///< of the finest
constexpr double kShare = 2;                              ///< of each scale, against what is finest

struct Sides {
  std::int64_t height = 0;
  std::int64_t width = 0;

  Sides smaller(std::int64_t scale) const {
    return {(height + scale - 1) / scale, (width + scale - 1) / scale};
  }
};

at::Tensor enlarge(const at::Tensor& small, const Sides& to) {
  return at::upsample_bilinear2d(small, {to.height, to.width}, false);
}

/// The transpose of enlarge(): its backward.
at::Tensor reduce(const at::Tensor& large, const Sides& from, const Sides& to) {
  return at::upsample_bilinear2d_backward(
      large, {from.height, from.width}, {large.size(0), large.size(1), to.height, to.width}, false);
}

double share_of(std::int64_t scale) {
  return kShare / static_cast<double>(scale * scale);
}

}  // namespace

at::Tensor across_scales(const at::Tensor& x) {
  const Sides whole = {x.size(2), x.size(3)};
  const Sides finest = whole.smaller(kFinest);
  // In one layout whatever that of x: another rounds otherwise, and a painting that is taken up
  // again must go on to the bit.
  const at::Tensor plain = x.contiguous();
  const at::Tensor small = reduce(plain, whole, finest);
  at::Tensor sum = small * share_of(kFinest);
  for (const std::int64_t scale : kCoarser) {
    const at::Tensor smaller = reduce(small, finest, finest.smaller(scale));
    sum.add_(enlarge(smaller, finest), share_of(kFinest * scale));
  }
  return enlarge(sum, whole).add_(plain).contiguous(x.suggest_memory_format());
}

}  // namespace likeness
