#include "net/channel_affine.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <torch/csrc/autograd/custom_function.h>

#include "net/channels_last.h"
#include "net/every_processor.h"
#include "net/half_numbers.h"

namespace likeness::net {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Sums are taken in float over so many positions, then in double: fast, and exact enough.
constexpr std::int64_t kPositions = 256;

LIKENESS_EVERY_PROCESSOR
void add_products(float* __restrict sums, float* __restrict products, const float* __restrict a,
                  const float* __restrict b, std::int64_t positions, std::int64_t channels) {
  for (std::int64_t p = 0; p < positions; ++p, a += channels, b += channels)
    for (std::int64_t c = 0; c < channels; ++c) {
      sums[c] += a[c];
      products[c] += a[c] * b[c];
    }
}

template <class Y, class X>
[[gnu::always_inline]] inline void scale_and_shift_rows(Y* y, const X* x, const float* scale,
                                                        const float* shift, float least,
                                                        std::int64_t positions,
                                                        std::int64_t channels) {
  for (std::int64_t p = 0; p < positions; ++p, x += channels, y += channels) {
    LIKENESS_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c)
      put(y[c], std::max(wide(x[c]) * scale[c] + shift[c], least));
  }
}

template <class X>
[[gnu::always_inline]] inline void add_scaled_rows(float* sum, const X* x, const float* scale,
                                                   const float* shift, std::int64_t positions,
                                                   std::int64_t channels) {
  for (std::int64_t p = 0; p < positions; ++p, x += channels, sum += channels) {
    LIKENESS_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) sum[c] += wide(x[c]) * scale[c] + shift[c];
  }
}

LIKENESS_EVERY_PROCESSOR
void scale_and_shift(float* y, const float* x, const float* scale, const float* shift, float least,
                     std::int64_t positions, std::int64_t channels) {
  scale_and_shift_rows(y, x, scale, shift, least, positions, channels);
}
LIKENESS_EVERY_PROCESSOR
void scale_and_shift_half(std::uint16_t* y, const std::uint16_t* x, const float* scale,
                          const float* shift, float least, std::int64_t positions,
                          std::int64_t channels) {
  scale_and_shift_rows(y, x, scale, shift, least, positions, channels);
}
LIKENESS_EVERY_PROCESSOR
void add_scaled(float* sum, const float* x, const float* scale, const float* shift,
                std::int64_t positions, std::int64_t channels) {
  add_scaled_rows(sum, x, scale, shift, positions, channels);
}
LIKENESS_EVERY_PROCESSOR
void add_scaled_half(float* sum, const std::uint16_t* x, const float* scale, const float* shift,
                     std::int64_t positions, std::int64_t channels) {
  add_scaled_rows(sum, x, scale, shift, positions, channels);
}

bool has_kernel(const torch::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat;
}

float least_of(bool relu) {
  return relu ? 0.0F : -std::numeric_limits<float>::infinity();
}

/// Whether the kernels without gradients take x as it lies.
bool lies_plainly(const torch::Tensor& x) {
  return x.device().is_cpu() && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

/// Σ a and Σ a·b over positions: [N, C] float64 each. Both channels-last. Parts have a fixed size
/// and are added in order, so that the sums do not depend on the number of threads.
std::pair<torch::Tensor, torch::Tensor> sums_and_products(const torch::Tensor& a,
                                                          const torch::Tensor& b) {
  const std::int64_t channels = a.size(1);
  const std::int64_t positions = a.size(2) * a.size(3);
  const std::int64_t parts = (positions + kPositions - 1) / kPositions;
  const std::int64_t pictures = a.size(0);
  const torch::Tensor sums = at::zeros({2, pictures, parts, channels}, a.options());
  float* first = sums.data_ptr<float>();
  float* second = first + pictures * parts * channels;
  const float* va = a.data_ptr<float>();
  const float* vb = b.data_ptr<float>();
  at::parallel_for(0, pictures * parts, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t from = i % parts * kPositions;
      const std::int64_t offset = (i / parts * positions + from) * channels;
      add_products(first + i * channels, second + i * channels, va + offset, vb + offset,
                   std::min(kPositions, positions - from), channels);
    }
  });
  const torch::Tensor total = sums.to(at::kDouble).sum(2);
  return {total[0], total[1]};
}

/// A part of one picture: where its numbers begin, and what its channels are scaled and shifted by.
struct Part {
  std::int64_t offset;
  std::int64_t positions;
  const float* scale;
  const float* shift;
};

void for_each_part(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift,
                   const std::function<void(const Part& part)>& work) {
  const torch::Tensor scales = scale.contiguous();
  const torch::Tensor shifts = shift.contiguous();
  const std::int64_t channels = x.size(1);
  const std::int64_t positions = x.size(2) * x.size(3);
  const std::int64_t parts = (positions + kPositions - 1) / kPositions;
  at::parallel_for(0, x.size(0) * parts, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t picture = i / parts;
      const std::int64_t from = i % parts * kPositions;
      work({.offset = (picture * positions + from) * channels,
            .positions = std::min(kPositions, positions - from),
            .scale = scales.data_ptr<float>() + picture * channels,
            .shift = shifts.data_ptr<float>() + picture * channels});
    }
  });
}

/// [N, C] → [N, C, 1, 1].
torch::Tensor over_positions(const torch::Tensor& values) {
  return values.unsqueeze(2).unsqueeze(3);
}

torch::Tensor applied(const torch::Tensor& x, const torch::Tensor& scale,
                      const torch::Tensor& shift, bool relu) {
  if (!has_kernel(x)) {
    const torch::Tensor y = x * over_positions(scale) + over_positions(shift);
    return relu ? y.relu() : y;
  }
  const torch::Tensor dense = channels_last(x);
  torch::Tensor y = at::empty_like(dense);
  for_each_part(dense, scale, shift, [&](const Part& part) {
    scale_and_shift(y.data_ptr<float>() + part.offset, dense.data_ptr<float>() + part.offset,
                    part.scale, part.shift, least_of(relu), part.positions, dense.size(1));
  });
  return y;
}

std::pair<torch::Tensor, torch::Tensor> sums_of(const torch::Tensor& a, const torch::Tensor& b) {
  if (has_kernel(a)) return sums_and_products(a, b);
  const std::vector<std::int64_t> positions = {2, 3};
  return {a.sum(positions, false, at::kDouble), (a * b).sum(positions, false, at::kDouble)};
}

struct ChannelAffine : torch::autograd::Function<ChannelAffine> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& scale, const torch::Tensor& shift, bool relu) {
    torch::Tensor y = applied(x, scale, shift, relu);
    context->save_for_backward({x, scale, relu ? y : torch::Tensor()});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor x = channels_last(saved[0]);
    torch::Tensor g = channels_last(gradients[0]);
    if (saved[2].defined()) g = at::threshold_backward(g, saved[2], 0);
    const auto [sum, product] = sums_of(g, x);
    return {applied(g, saved[1], at::zeros_like(saved[1]), false),
            product.to(at::kFloat),
            sum.to(at::kFloat),
            {}};
  }
};

}  // namespace

void channel_affine_(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift,
                     bool relu) {
  if (!lies_plainly(x)) {
    x.mul_(over_positions(scale)).add_(over_positions(shift));
    if (relu) x.relu_();
    return;
  }
  const bool half = x.scalar_type() == at::kBFloat16;
  for_each_part(x, scale, shift, [&](const Part& part) {
    if (half) {
      std::uint16_t* numbers = halves(x) + part.offset;
      scale_and_shift_half(numbers, numbers, part.scale, part.shift, least_of(relu), part.positions,
                           x.size(1));
    } else {
      float* numbers = x.data_ptr<float>() + part.offset;
      scale_and_shift(numbers, numbers, part.scale, part.shift, least_of(relu), part.positions,
                      x.size(1));
    }
  });
}

void add_channel_affine_(const torch::Tensor& sum, const torch::Tensor& x,
                         const torch::Tensor& scale, const torch::Tensor& shift) {
  LIKENESS_CHECK(sum.scalar_type() == at::kFloat && sum.sizes() == x.sizes());
  if (!lies_plainly(x) || !lies_plainly(sum)) {
    sum.add_(x * over_positions(scale)).add_(over_positions(shift));
    return;
  }
  const bool half = x.scalar_type() == at::kBFloat16;
  for_each_part(x, scale, shift, [&](const Part& part) {
    float* to = sum.data_ptr<float>() + part.offset;
    if (half)
      add_scaled_half(to, halves(x) + part.offset, part.scale, part.shift, part.positions,
                      x.size(1));
    else
      add_scaled(to, x.data_ptr<float>() + part.offset, part.scale, part.shift, part.positions,
                 x.size(1));
  });
}

torch::Tensor channel_affine(const torch::Tensor& x, const torch::Tensor& scale,
                             const torch::Tensor& shift, bool relu) {
  if (at::GradMode::is_enabled()) return ChannelAffine::apply(x, scale, shift, relu);
  return applied(x, scale, shift, relu);
}

}  // namespace likeness::net
