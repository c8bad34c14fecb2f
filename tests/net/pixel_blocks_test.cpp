#include "net/pixel_blocks.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

TEST(PixelBlocks, AreThoseOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  for (const std::int64_t channels : {3, 5}) {
    const auto x = random_input({2, channels, 38, 14});
    const auto expected = at::pixel_unshuffle(x - 0.5, 2);
    for (const auto& given : {x.contiguous(at::MemoryFormat::ChannelsLast), x.contiguous()}) {
      const auto blocks = blocks_of_pixels(given, -0.5);
      EXPECT_TRUE(at::equal(blocks, expected));
      EXPECT_TRUE(blocks.is_contiguous(at::MemoryFormat::ChannelsLast));
      EXPECT_TRUE(at::equal(pixels_of_blocks(blocks), x - 0.5));
      EXPECT_TRUE(at::equal(pixels_of_blocks(blocks.contiguous()), x - 0.5));
    }
  }
}

TEST(PixelBlocks, LetGradientsThrough) {
  const auto weights = random_input({1, 12, 3, 2});
  const auto x =
      random_input({1, 3, 6, 4}).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
  (blocks_of_pixels(x, 1) * weights).sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::pixel_shuffle(weights, 2)));
  const auto blocks = weights.clone().requires_grad_();
  (pixels_of_blocks(blocks) * x.detach()).sum().backward();
  EXPECT_TRUE(at::equal(blocks.grad(), at::pixel_unshuffle(x.detach(), 2)));
}

}  // namespace
}  // namespace likeness::net
