#include "net/gated_rise.h"

#include <cstdint>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>

#include "net/every_processor.h"

namespace likeness::net {
namespace {

/// One row of `to` from one of `risen`, whose channel c·4 + `first` and the one after it are its
/// even and odd positions.
LIKENESS_EVERY_PROCESSOR
void rise_row(at::BFloat16* __restrict to, const at::BFloat16* __restrict risen,
              const float* __restrict missed, const float* __restrict seen, std::int64_t positions,
              std::int64_t channels, std::int64_t first) {
  for (std::int64_t p = 0; p < positions; ++p, risen += 4 * channels)
    for (std::int64_t odd = 0; odd < 2; ++odd) {
      for (std::int64_t c = 0; c < channels; ++c) {
        const float value = static_cast<float>(risen[4 * c + first + odd]) + missed[c];
        to[c] = seen[c] > 0 ? value : 0.0F;
      }
      to += channels;
      missed += channels;
      seen += channels;
    }
}

bool is_dense(const torch::Tensor& x, at::ScalarType type) {
  return x.device().is_cpu() && x.scalar_type() == type &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

torch::Tensor gated_rise(const torch::Tensor& risen, const torch::Tensor& missed,
                         const torch::Tensor& seen) {
  LIKENESS_CHECK(missed.sizes() == seen.sizes() && risen.size(1) == 4 * missed.size(1) &&
                 missed.size(2) == 2 * risen.size(2) && missed.size(3) == 2 * risen.size(3));
  if (at::GradMode::is_enabled() || !is_dense(risen, at::kBFloat16) ||
      !is_dense(missed, at::kFloat) || !is_dense(seen, at::kFloat))
    return at::threshold_backward(at::pixel_shuffle(risen, 2) + missed, seen, 0)
        .to(risen.scalar_type());
  const torch::Tensor result =
      at::empty(missed.sizes(), risen.options().memory_format(at::MemoryFormat::ChannelsLast));
  const std::int64_t channels = missed.size(1);
  const std::int64_t row = missed.size(3) * channels;  // numbers
  auto* to = result.data_ptr<at::BFloat16>();
  const auto* from = risen.data_ptr<at::BFloat16>();
  const float* plus = missed.data_ptr<float>();
  const float* gate = seen.data_ptr<float>();
  at::parallel_for(0, missed.size(0) * missed.size(2), 8,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t y = begin; y < end; ++y)
                       rise_row(to + y * row, from + y / 2 * (2 * row), plus + y * row,
                                gate + y * row, risen.size(3), channels, y % 2 * 2);
                   });
  return result;
}

}  // namespace likeness::net
