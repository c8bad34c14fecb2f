#include "net/channel_affine.h"

#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// The same by LibTorch's own operations.
torch::Tensor plain(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift,
                    bool relu) {
  const auto y = x * scale.unsqueeze(2).unsqueeze(3) + shift.unsqueeze(2).unsqueeze(3);
  return relu ? y.relu() : y;
}

class ChannelAffine : public ::testing::TestWithParam<bool> {
 protected:
  torch::Tensor x = random_input({2, 5, 23, 31}) * 3 + 1;
  torch::Tensor scale = random_input({2, 5, 1, 1}).flatten(1);
  torch::Tensor shift = random_input({3, 2, 5, 1})[1].flatten(1);
};

TEST_P(ChannelAffine, IsThatOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  EXPECT_LT(relative_difference(channel_affine(x, scale, shift, GetParam()),
                                plain(x, scale, shift, GetParam())),
            1e-6);
}

TEST_P(ChannelAffine, HasTheGradientsOfLibTorch) {
  const auto weights = random_input({2, 5, 23, 31}).flip({3});  // not in line with x
  const auto gradients = [&](auto work, at::ScalarType type) {
    std::vector<torch::Tensor> leaves;
    for (const auto& leaf : {x, scale, shift})
      leaves.push_back(leaf.to(type).detach().clone().requires_grad_());
    (work(leaves[0], leaves[1], leaves[2], GetParam()) * weights.to(type)).sum().backward();
    std::vector<torch::Tensor> result;
    for (const auto& leaf : leaves) result.push_back(leaf.grad().to(at::kDouble));
    return result;
  };
  const auto ours = gradients(channel_affine, at::kFloat);
  const auto theirs = gradients(plain, at::kDouble);
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_LT(relative_difference(ours[i], theirs[i]), 1e-4) << i;
}

TEST_P(ChannelAffine, InPlaceIsTheSame) {
  const torch::NoGradGuard no_gradients;
  const auto expected = plain(x, scale, shift, GetParam());
  for (const auto& given : {x.clone(), x.contiguous()}) {  // channels-last, and not
    channel_affine_(given, scale, shift, GetParam());
    EXPECT_LT(relative_difference(given, expected), 1e-6);
  }
  // What is stored in half the bits is rounded once, to the nearest.
  const auto half = x.to(at::kBFloat16);
  const auto exact = plain(half.to(at::kFloat), scale, shift, GetParam()).to(at::kBFloat16);
  channel_affine_(half, scale, shift, GetParam());
  EXPECT_LE((half != exact).to(at::kFloat).mean().item<double>(), 0.01) << "but for fused sums";
  EXPECT_LT(relative_difference(half.to(at::kFloat), exact.to(at::kFloat)), 0.01);
}

TEST(ChannelAffineSum, IsThatOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  const auto x = random_input({2, 5, 23, 31});
  const auto scale = random_input({2, 5, 1, 1}).flatten(1);
  const auto shift = random_input({3, 2, 5, 1})[1].flatten(1);
  const auto before =
      random_input({2, 5, 23, 31}).flip({3}).contiguous(at::MemoryFormat::ChannelsLast);
  for (const auto& given : {x, x.contiguous(), x.to(at::kBFloat16)}) {
    const auto sum = before.clone();
    add_channel_affine_(sum, given, scale, shift);
    EXPECT_LT(relative_difference(sum, before + plain(given.to(at::kFloat), scale, shift, false)),
              1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutRelu, ChannelAffine, ::testing::Bool());

}  // namespace
}  // namespace likeness::net
