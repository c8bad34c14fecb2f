#include "net/pixel_blocks.h"

#include <array>
#include <cstdint>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>

namespace likeness::net {
namespace {

constexpr std::int64_t kSide = 2;
constexpr std::int64_t kColours = 3;
constexpr std::int64_t kBlock = kSide * kSide * kColours;
constexpr std::int64_t kRowsAtOnce = 8;

bool is_plain_picture(const torch::Tensor& x, std::int64_t channels) {
  return !at::GradMode::is_enabled() && x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         x.size(1) == channels && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

torch::Tensor empty_picture(const torch::Tensor& like, std::int64_t channels, std::int64_t height,
                            std::int64_t width) {
  return at::empty({like.size(0), channels, height, width},
                   like.options().memory_format(at::MemoryFormat::ChannelsLast));
}

/// act(upper, lower, block) for each block: the first number of its two pixels in the upper row of
/// `pixels`, of those in the lower one, and its own in `blocks`.
template <class Pixel, class Number, class Act>
void for_each_block(Pixel* pixels, Number* blocks, std::int64_t rows, std::int64_t columns,
                    const Act& act) {
  const std::int64_t row = columns * kSide * kColours;  // numbers
  at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      auto* upper = pixels + kSide * y * row;
      auto* lower = upper + row;
      auto* block = blocks + y * columns * kBlock;
      for (std::int64_t x = 0; x < columns; ++x) {
        act(upper, lower, block);
        upper += kSide * kColours;
        lower += kSide * kColours;
        block += kBlock;
      }
    }
  });
}

}  // namespace

torch::Tensor blocks_of_pixels(const torch::Tensor& x, double offset) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(2) % kSide == 0 && x.size(3) % kSide == 0);
  if (!is_plain_picture(x, kColours))
    return at::pixel_unshuffle(at::add(x, offset), kSide)
        .contiguous(at::MemoryFormat::ChannelsLast);
  torch::Tensor result = empty_picture(x, kBlock, x.size(2) / kSide, x.size(3) / kSide);
  const auto add = static_cast<float>(offset);
  for_each_block(x.data_ptr<float>(), result.data_ptr<float>(), result.size(0) * result.size(2),
                 result.size(3), [add](const float* upper, const float* lower, float* block) {
                   for (std::int64_t c = 0; c < kColours; ++c, block += kSide * kSide) {
                     block[0] = upper[c] + add;
                     block[1] = upper[kColours + c] + add;
                     block[2] = lower[c] + add;
                     block[3] = lower[kColours + c] + add;
                   }
                 });
  return result;
}

torch::Tensor pixels_of_blocks(const torch::Tensor& x) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(1) % (kSide * kSide) == 0);
  if (!is_plain_picture(x, kBlock)) return at::pixel_shuffle(x, kSide);
  torch::Tensor result = empty_picture(x, kColours, x.size(2) * kSide, x.size(3) * kSide);
  for_each_block(result.data_ptr<float>(), x.data_ptr<float>(), x.size(0) * x.size(2), x.size(3),
                 [](float* upper, float* lower, const float* block) {
                   for (std::int64_t c = 0; c < kColours; ++c, block += kSide * kSide) {
                     upper[c] = block[0];
                     upper[kColours + c] = block[1];
                     lower[c] = block[2];
                     lower[kColours + c] = block[3];
                   }
                 });
  return result;
}

}  // namespace likeness::net
