#include "net/gated.h"

#include <bit>
#include <cstdint>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>

#include "net/every_processor.h"
#include "net/half_numbers.h"

namespace likeness::net {
namespace {

constexpr std::int64_t kNumbers = 32768;  ///< that one thread takes at once

/// `x` where `feature` is above 0, else 0: by bits, as compilers make a branch of anything else,
/// and then no vectors of the loop.
[[gnu::always_inline]] inline float open_where(float feature, float x) {
  const std::uint32_t mask =
      0U - static_cast<std::uint32_t>(std::bit_cast<std::int32_t>(feature) > 0);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & mask);
}

template <class Y, class G, class F>
[[gnu::always_inline]] inline void gate_row(Y* y, const G* gradient, const F* features,
                                            std::int64_t count) {
  LIKENESS_INDEPENDENT
  for (std::int64_t i = 0; i < count; ++i)
    put(y[i], open_where(wide(features[i]), wide(gradient[i])));
}

LIKENESS_EVERY_PROCESSOR
void gate(float* y, const float* gradient, const float* features, std::int64_t count) {
  gate_row(y, gradient, features, count);
}
LIKENESS_EVERY_PROCESSOR
void gate(std::uint16_t* y, const float* gradient, const std::uint16_t* features,
          std::int64_t count) {
  gate_row(y, gradient, features, count);
}
LIKENESS_EVERY_PROCESSOR
void gate(std::uint16_t* y, const std::uint16_t* gradient, const std::uint16_t* features,
          std::int64_t count) {
  gate_row(y, gradient, features, count);
}

/// One row of risen positions: their two pixels in each of two rows of the result.
template <class T>
[[gnu::always_inline]] inline void rise_row(T* y, const T* risen, const float* gradient,
                                            const T* features, std::int64_t positions,
                                            std::int64_t channels) {
  const std::int64_t row = 2 * positions * channels;
  for (std::int64_t p = 0; p < positions; ++p)
    for (std::int64_t down = 0; down < 2; ++down) {
      // The two pixels beside each other, and their channels in `risen`, lie one after the other.
      const std::int64_t to = down * row + 2 * p * channels;
      const T* from = risen + (4 * p + 2 * down) * channels;
      LIKENESS_INDEPENDENT
      for (std::int64_t i = 0; i < 2 * channels; ++i)
        put(y[to + i], open_where(wide(features[to + i]), wide(from[i]) + gradient[to + i]));
    }
}

LIKENESS_EVERY_PROCESSOR
void rise(float* y, const float* risen, const float* gradient, const float* features,
          std::int64_t positions, std::int64_t channels) {
  rise_row(y, risen, gradient, features, positions, channels);
}
LIKENESS_EVERY_PROCESSOR
void rise(std::uint16_t* y, const std::uint16_t* risen, const float* gradient,
          const std::uint16_t* features, std::int64_t positions, std::int64_t channels) {
  rise_row(y, risen, gradient, features, positions, channels);
}

bool lies_plainly(const torch::Tensor& x, at::ScalarType type) {
  return x.device().is_cpu() && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         x.scalar_type() == type;
}

template <class Y, class G, class F>
void gate_all(Y* y, const G* gradient, const F* features, std::int64_t count) {
  at::parallel_for(0, count, kNumbers, [&](std::int64_t begin, std::int64_t end) {
    gate(y + begin, gradient + begin, features + begin, end - begin);
  });
}

template <class T>
void rise_all(T* y, const T* risen, const float* gradient, const T* features,
              const torch::Tensor& size) {
  const std::int64_t positions = size.size(3) / 2;
  const std::int64_t channels = size.size(1);
  const std::int64_t step = 4 * positions * channels;
  // Rows of all pictures lie one after the other.
  at::parallel_for(0, size.size(0) * size.size(2) / 2, 8,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t r = begin; r < end; ++r)
                       rise(y + r * step, risen + r * step, gradient + r * step,
                            features + r * step, positions, channels);
                   });
}

}  // namespace

torch::Tensor gated(const torch::Tensor& gradient, const torch::Tensor& features,
                    at::ScalarType type) {
  LIKENESS_CHECK(gradient.sizes() == features.sizes());
  const at::ScalarType of_gradient = gradient.scalar_type();
  const bool plain = !at::GradMode::is_enabled() && lies_plainly(features, type) &&
                     (lies_plainly(gradient, type) || lies_plainly(gradient, at::kFloat));
  if (!plain || (type != at::kFloat && type != at::kBFloat16))
    return at::threshold_backward(gradient, features.to(of_gradient), 0).to(type);
  torch::Tensor y = at::empty_like(features);
  if (type == at::kFloat)
    gate_all(y.data_ptr<float>(), gradient.data_ptr<float>(), features.data_ptr<float>(),
             y.numel());
  else if (of_gradient == at::kFloat)
    gate_all(halves(y), gradient.data_ptr<float>(), halves(features), y.numel());
  else
    gate_all(halves(y), halves(gradient), halves(features), y.numel());
  return y;
}

bool has_gated_rise(const torch::Tensor& features) {
  return !at::GradMode::is_enabled() &&
         (lies_plainly(features, at::kFloat) || lies_plainly(features, at::kBFloat16));
}

torch::Tensor gated_rise(const torch::Tensor& risen, const torch::Tensor& gradient,
                         const torch::Tensor& features) {
  LIKENESS_CHECK(has_gated_rise(features) && gradient.sizes() == features.sizes() &&
                 risen.numel() == features.numel());
  const auto plain = [](const torch::Tensor& x) {
    return x.contiguous(at::MemoryFormat::ChannelsLast);
  };
  const torch::Tensor from = plain(risen);
  const torch::Tensor sum = plain(gradient);
  torch::Tensor y = at::empty_like(features);
  if (features.scalar_type() == at::kFloat)
    rise_all(y.data_ptr<float>(), from.data_ptr<float>(), sum.data_ptr<float>(),
             features.data_ptr<float>(), y);
  else
    rise_all(halves(y), halves(from), sum.data_ptr<float>(), halves(features), y);
  return y;
}

}  // namespace likeness::net
