#include "style/positions.h"

#include <ATen/ATen.h>
#include <likeness/core/error.h>

namespace likeness {

at::Tensor positions(const at::Tensor& features) {
  LIKENESS_CHECK(features.dim() == 4 && features.size(0) == 1);
  return features.permute({0, 2, 3, 1}).reshape({-1, features.size(1)});
}

at::Tensor at_least_float(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? tensor : tensor.to(at::kFloat);
}

}  // namespace likeness
