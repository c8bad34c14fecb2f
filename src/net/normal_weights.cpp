#include "net/normal_weights.h"

#include <cmath>
#include <numbers>

namespace likeness::net {

void fill_normal(const torch::Tensor& tensor, double deviation, Random& random) {
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    values[i] =
        static_cast<float>(deviation * radius * std::cos(2 * std::numbers::pi * random.uniform()));
  }
}

}  // namespace likeness::net
