#include "net/twice_as_large.h"

#include <algorithm>
#include <cstdint>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>

#include "net/every_processor.h"

namespace likeness::net {
namespace {

/// Two neighbours in `fine` for each position of `coarse`.
LIKENESS_EVERY_PROCESSOR
void add_twice(float* __restrict fine, const float* __restrict coarse, std::int64_t positions,
               std::int64_t channels) {
  for (std::int64_t p = 0; p < positions; ++p, coarse += channels)
    for (int twice = 0; twice < 2; ++twice, fine += channels)
      for (std::int64_t c = 0; c < channels; ++c) fine[c] = std::max(fine[c] + coarse[c], 0.0F);
}

bool is_dense_float(const torch::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

torch::Tensor add_twice_as_large(const torch::Tensor& coarse, const torch::Tensor& fine) {
  LIKENESS_CHECK(coarse.dim() == 4 && fine.dim() == 4 && fine.size(0) == coarse.size(0) &&
                 fine.size(1) == coarse.size(1) && fine.size(2) == 2 * coarse.size(2) &&
                 fine.size(3) == 2 * coarse.size(3));
  if (at::GradMode::is_enabled() || !is_dense_float(coarse) || !is_dense_float(fine))
    return (at::upsample_nearest2d(coarse, {fine.size(2), fine.size(3)}) + fine).relu_();
  const std::int64_t row = coarse.size(3) * coarse.size(1);  // numbers
  const float* from = coarse.data_ptr<float>();
  float* to = fine.data_ptr<float>();
  // Rows of all pictures lie one after the other, so those of `fine` in pairs.
  at::parallel_for(
      0, 2 * coarse.size(0) * coarse.size(2), 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t y = begin; y < end; ++y)
          add_twice(to + 2 * y * row, from + y / 2 * row, coarse.size(3), coarse.size(1));
      });
  return fine;
}

}  // namespace likeness::net
