#include "net/learnable_prelu.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "net/every_processor.h"

namespace likeness::net {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Pixels that one job works on: a constant, so that sums do not depend on the number of threads.
constexpr std::int64_t kPixels = 2048;
/// Pixels whose sums are kept in float32 before they go to float64.
constexpr std::int64_t kExactPixels = 64;

// bfloat16 is the upper half of a float32. It is widened and narrowed in loops of their own, over
// one pixel's channels: together with the conditions below they would become no vectors.
using Half = std::uint16_t;
constexpr std::int64_t kMostChannels = 1024;
using Row = std::array<float, kMostChannels>;

[[gnu::always_inline]] inline void widen(const Half* x, float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = std::bit_cast<float>(static_cast<std::uint32_t>(x[i]) << 16);
}

/// To the nearest, ties to even.
[[gnu::always_inline]] inline void narrow(const float* x, Half* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(x[i]);
    y[i] = static_cast<Half>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
}

[[gnu::always_inline]] inline void forward_row(const float* x, const float* slope, float* y,
                                               std::int64_t channels) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const float scaled = x[c] * slope[c];
    y[c] = x[c] > 0 ? x[c] : scaled;
  }
}

/// gx = g · dy/dx, and sums[c] += g · dy/dslope.
[[gnu::always_inline]] inline void backward_row(const float* g, const float* x, const float* slope,
                                                float* gx, float* sums, std::int64_t channels) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const float scaled = g[c] * slope[c];
    const float of_slope = g[c] * x[c];
    gx[c] = x[c] > 0 ? g[c] : scaled;
    sums[c] += x[c] > 0 ? 0.0F : of_slope;
  }
}

LIKENESS_EVERY_PROCESSOR
void forward(const float* x, const float* slope, float* y, std::int64_t pixels,
             std::int64_t channels) {
  for (std::int64_t p = 0; p < pixels; ++p, x += channels, y += channels)
    forward_row(x, slope, y, channels);
}

LIKENESS_EVERY_PROCESSOR
void forward(const Half* x, const float* slope, Half* y, std::int64_t pixels,
             std::int64_t channels) {
  Row wide;
  Row result;
  for (std::int64_t p = 0; p < pixels; ++p, x += channels, y += channels) {
    widen(x, wide.data(), channels);
    forward_row(wide.data(), slope, result.data(), channels);
    narrow(result.data(), y, channels);
  }
}

LIKENESS_EVERY_PROCESSOR
void backward(const float* g, const float* x, const float* slope, float* gx, float* sums,
              std::int64_t pixels, std::int64_t channels) {
  for (std::int64_t p = 0; p < pixels; ++p, g += channels, x += channels, gx += channels)
    backward_row(g, x, slope, gx, sums, channels);
}

LIKENESS_EVERY_PROCESSOR
void backward(const Half* g, const Half* x, const float* slope, Half* gx, float* sums,
              std::int64_t pixels, std::int64_t channels) {
  Row gradient;
  Row wide;
  Row result;
  for (std::int64_t p = 0; p < pixels; ++p, g += channels, x += channels, gx += channels) {
    widen(g, gradient.data(), channels);
    widen(x, wide.data(), channels);
    backward_row(gradient.data(), wide.data(), slope, result.data(), sums, channels);
    narrow(result.data(), gx, channels);
  }
}

/// Calls job(first, count) for all pixels in parts of kPixels.
template <class Job>
void for_each_part(std::int64_t pixels, const Job& job) {
  at::parallel_for(0, (pixels + kPixels - 1) / kPixels, 1,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t part = begin; part < end; ++part)
                       job(part * kPixels, std::min(kPixels, pixels - part * kPixels));
                   });
}

template <class T>
T* data_of(const torch::Tensor& x) {
  return static_cast<T*>(x.data_ptr());
}

template <class T>
torch::Tensor run_forward(const torch::Tensor& x, const torch::Tensor& slope) {
  auto y = at::empty_like(x);
  const std::int64_t channels = x.size(1);
  for_each_part(x.numel() / channels, [&](std::int64_t first, std::int64_t count) {
    forward(data_of<T>(x) + first * channels, data_of<float>(slope),
            data_of<T>(y) + first * channels, count, channels);
  });
  return y;
}

template <class T>
variable_list run_backward(const torch::Tensor& g, const torch::Tensor& x,
                           const torch::Tensor& slope) {
  auto gx = at::empty_like(x);
  const std::int64_t channels = x.size(1);
  const std::int64_t pixels = x.numel() / channels;
  const auto sums = at::zeros({(pixels + kPixels - 1) / kPixels, channels}, at::kDouble);
  for_each_part(pixels, [&](std::int64_t first, std::int64_t count) {
    double* total = sums.data_ptr<double>() + first / kPixels * channels;
    std::vector<float> some(static_cast<std::size_t>(channels));
    for (std::int64_t done = 0; done < count; done += kExactPixels) {
      const std::int64_t offset = (first + done) * channels;
      std::fill(some.begin(), some.end(), 0.0F);
      backward(data_of<T>(g) + offset, data_of<T>(x) + offset, data_of<float>(slope),
               data_of<T>(gx) + offset, some.data(), std::min(kExactPixels, count - done),
               channels);
      for (std::int64_t c = 0; c < channels; ++c) total[c] += some[static_cast<std::size_t>(c)];
    }
  });
  return {gx, sums.sum(0).to(at::kFloat)};
}

class PReLU : public torch::autograd::Function<PReLU> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& slope) {
    context->save_for_backward({x, slope});
    return x.scalar_type() == at::kFloat ? run_forward<float>(x, slope)
                                         : run_forward<Half>(x, slope);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto g = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    return g.scalar_type() == at::kFloat ? run_backward<float>(g, saved[0], saved[1])
                                         : run_backward<Half>(g, saved[0], saved[1]);
  }
};

}  // namespace

torch::Tensor learnable_prelu(const torch::Tensor& x, const torch::Tensor& slope) {
  const bool usable = x.device().is_cpu() && x.dim() == 4 &&
                      x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
                      x.size(1) <= kMostChannels &&
                      (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
                      slope.scalar_type() == at::kFloat;
  if (!usable) return at::prelu(x, slope.to(x.scalar_type()));
  return PReLU::apply(x, slope);
}

}  // namespace likeness::net
