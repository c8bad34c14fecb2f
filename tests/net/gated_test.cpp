#include "net/gated.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

torch::Tensor picture_of_numbers(std::int64_t channels, std::int64_t height, std::int64_t width,
                                 at::ScalarType type) {
  return random_input({2, channels, height, width})
      .to(type)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

/// What ReLU gives: exact zeros among it.
torch::Tensor rectified(std::int64_t channels, std::int64_t height, std::int64_t width,
                        at::ScalarType type) {
  return picture_of_numbers(channels, height, width, type).relu();
}

TEST(Gated, IsTheGradientBehindARelu) {
  const torch::NoGradGuard no_gradients;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const at::ScalarType of_gradient : {at::kFloat, type}) {
      const auto seen = rectified(7, 5, 9, type);
      const auto gradient = picture_of_numbers(7, 5, 9, of_gradient);
      const auto expected = at::where(seen > 0, gradient.to(type), at::zeros({}, type));
      EXPECT_TRUE(gated(gradient, seen, type).equal(expected));
    }
}

TEST(Gated, OtherOrdersAndGradientsGiveTheSame) {
  const auto seen = rectified(3, 4, 6, at::kFloat);
  const auto gradient = picture_of_numbers(3, 4, 6, at::kFloat);
  const torch::Tensor with_gradients = gated(gradient, seen, at::kFloat);
  const torch::NoGradGuard no_gradients;
  EXPECT_TRUE(gated(gradient, seen, at::kFloat).equal(with_gradients));
  EXPECT_TRUE(gated(gradient.contiguous(), seen, at::kFloat).equal(with_gradients));
}

TEST(Gated, RisesAsPixelsAreShuffled) {
  const torch::NoGradGuard no_gradients;
  constexpr std::int64_t kChannels = 5;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const auto seen = rectified(kChannels, 6, 8, type);
    const auto gradient = picture_of_numbers(kChannels, 6, 8, at::kFloat);
    const auto risen = picture_of_numbers(4 * kChannels, 3, 4, type);
    ASSERT_TRUE(has_gated_rise(seen));
    // LibTorch counts the channels of a pixel's four the other way round.
    const auto other = risen.view({2, 4, kChannels, 3, 4}).transpose(1, 2).reshape({2, -1, 3, 4});
    const auto sum = at::pixel_shuffle(other, 2).to(at::kFloat) + gradient;
    const auto expected = at::where(seen > 0, sum.to(type), at::zeros({}, type));
    EXPECT_TRUE(gated_rise(risen, gradient, seen).equal(expected));
  }
}

}  // namespace
}  // namespace likeness::net
