#include "net/channels_last.h"

#include <algorithm>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>

#include "net/every_processor.h"

namespace likeness::net {
namespace {

constexpr std::int64_t kPoolStride = 2;

LIKENESS_EVERY_PROCESSOR
void activate(float* __restrict x, const float* __restrict slopes, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float value = x[i];
    x[i] = value > 0 ? value : value * slopes[i];
  }
}

/// largest[i] = max(largest[i], x[i]).
LIKENESS_EVERY_PROCESSOR
void raise(float* __restrict largest, const float* __restrict x, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) largest[i] = std::max(largest[i], x[i]);
}

/// Of a row of pixels the maximum of each window.
LIKENESS_EVERY_PROCESSOR
void pool_row(float* __restrict y, const float* __restrict x, std::int64_t windows,
              std::int64_t size, std::int64_t width, std::int64_t channels) {
  for (std::int64_t w = 0; w < windows; ++w, y += channels, x += kPoolStride * channels) {
    const std::int64_t pixels = std::min(size, width - kPoolStride * w);
    for (std::int64_t c = 0; c < channels; ++c) y[c] = x[c];
    for (std::int64_t p = 1; p < pixels; ++p)
      for (std::int64_t c = 0; c < channels; ++c) y[c] = std::max(y[c], x[p * channels + c]);
  }
}

std::int64_t windows(std::int64_t pixels, std::int64_t size, bool partial) {
  LIKENESS_CHECK(pixels >= size);
  return (pixels - size + (partial ? kPoolStride - 1 : 0)) / kPoolStride + 1;
}

}  // namespace

torch::Tensor channels_last(const torch::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

bool is_plain(const torch::Tensor& x) {
  return x.dim() == 4 && x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && !at::GradMode::is_enabled() &&
         at::get_num_threads() == 1;
}

void prelu_in_place(const torch::Tensor& x, const torch::Tensor& slope) {
  // Slopes of so many pixels that the loop over them is worth its vectors.
  constexpr std::int64_t kLongEnough = 512;
  const std::int64_t channels = slope.numel();
  const std::int64_t pixels = std::max<std::int64_t>(1, kLongEnough / channels);
  const auto* begin = slope.data_ptr<float>();
  std::vector<float> slopes;
  for (std::int64_t p = 0; p < pixels; ++p) slopes.insert(slopes.end(), begin, begin + channels);

  auto* values = x.data_ptr<float>();
  const auto step = static_cast<std::int64_t>(slopes.size());
  for (std::int64_t left = x.numel(); left > 0; left -= step, values += step)
    activate(values, slopes.data(), std::min(left, step));
}

torch::Tensor max_pool(const torch::Tensor& x, std::int64_t size, bool partial) {
  const std::int64_t channels = x.size(1);
  const std::int64_t height = x.size(2);
  const std::int64_t width = x.size(3);
  const std::int64_t rows = windows(height, size, partial);
  const std::int64_t columns = windows(width, size, partial);
  auto y = at::empty({x.size(0), channels, rows, columns},
                     x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const std::int64_t row = width * channels;
  std::vector<float> largest(static_cast<std::size_t>(row));
  auto* target = y.data_ptr<float>();
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    const auto* picture = x.data_ptr<float>() + n * height * row;
    for (std::int64_t r = 0; r < rows; ++r, target += columns * channels) {
      const auto* first = picture + kPoolStride * r * row;
      std::copy(first, first + row, largest.begin());
      for (std::int64_t i = 1; i < std::min(size, height - kPoolStride * r); ++i)
        raise(largest.data(), first + i * row, row);
      pool_row(target, largest.data(), columns, size, width, channels);
    }
  }
  return y;
}

}  // namespace likeness::net
