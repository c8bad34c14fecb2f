#include "net/twice_as_large.h"

#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

torch::Tensor plain(const torch::Tensor& coarse, const torch::Tensor& fine) {
  return (at::upsample_nearest2d(coarse, {fine.size(2), fine.size(3)}) + fine).relu();
}

TEST(TwiceAsLarge, IsThatOfLibTorchInPlace) {
  const torch::NoGradGuard no_gradients;
  const auto coarse = random_input({2, 5, 7, 9});
  const auto fine = random_input({2, 5, 14, 18}).flip({1});
  for (const auto& given : {fine.clone(at::MemoryFormat::ChannelsLast), fine.contiguous()}) {
    const auto expected = plain(coarse, given);
    EXPECT_TRUE(at::equal(add_twice_as_large(coarse, given), expected));
  }
  const auto given = fine.clone(at::MemoryFormat::ChannelsLast);
  const auto sum = add_twice_as_large(coarse.contiguous(at::MemoryFormat::ChannelsLast), given);
  EXPECT_TRUE(sum.is_same(given));
}

TEST(TwiceAsLarge, HasTheGradientsOfLibTorch) {
  const auto weights = random_input({2, 5, 14, 18}).flip({3});
  const auto gradients = [&](auto work) {
    const auto coarse = random_input({2, 5, 7, 9}).clone().requires_grad_();
    const auto fine = random_input({2, 5, 14, 18}).clone().requires_grad_();
    (work(coarse, fine) * weights).sum().backward();
    return std::pair{coarse.grad(), fine.grad()};
  };
  const auto ours = gradients(add_twice_as_large);
  const auto theirs = gradients(plain);
  EXPECT_TRUE(at::equal(ours.first, theirs.first));
  EXPECT_TRUE(at::equal(ours.second, theirs.second));
}

}  // namespace
}  // namespace likeness::net
