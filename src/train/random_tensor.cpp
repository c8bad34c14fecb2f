#include "train/random_tensor.h"

#include <cmath>
#include <numbers>

#include <ATen/ATen.h>

namespace likeness {

at::Tensor normal_numbers(at::IntArrayRef sizes, Random& random) {
  at::Tensor noise = at::empty(sizes, at::kFloat);
  float* values = noise.data_ptr<float>();
  for (std::int64_t i = 0; i < noise.numel(); i += 2) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    const double angle = 2 * std::numbers::pi * random.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < noise.numel()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return noise;
}

}  // namespace likeness
