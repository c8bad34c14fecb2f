#include "train/network_input.h"

#include <ATen/ATen.h>
#include <likeness/core/error.h>

namespace likeness {

at::Tensor network_input(const at::Tensor& crops, const Normalization& normalization, bool bf16) {
  LIKENESS_CHECK(crops.dim() == 4 && crops.size(3) == 3 && !normalization.bgr);
  const auto& m = normalization.mean;
  const at::Tensor mean = at::tensor({m[0], m[1], m[2]}).view({1, 3, 1, 1}).to(crops.device());
  const at::Tensor x =
      crops.permute({0, 3, 1, 2}).to(at::kFloat).sub_(mean).mul_(normalization.scale);
  return bf16 ? x.to(at::kBFloat16) : x;
}

}  // namespace likeness
