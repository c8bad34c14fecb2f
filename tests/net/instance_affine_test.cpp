#include "net/instance_affine.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// The same by LibTorch's own operations, in double.
torch::Tensor plain(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift,
                    bool relu) {
  const auto mean = x.mean({2, 3}, true);
  const auto variance = (x - mean).square().mean({2, 3}, true);
  const auto y =
      (x - mean) / (variance + kVarianceEpsilon).sqrt() * scale.unsqueeze(2).unsqueeze(3) +
      shift.unsqueeze(2).unsqueeze(3);
  return relu ? y.relu() : y;
}

class InstanceAffine : public ::testing::TestWithParam<bool> {
 protected:
  torch::Tensor x = random_input({2, 5, 23, 31}) * 3 + 1;
  torch::Tensor scale = random_input({2, 5, 1, 1}).flatten(1);
  torch::Tensor shift = random_input({3, 2, 5, 1})[1].flatten(1);
};

TEST_P(InstanceAffine, IsThatOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  const auto y = instance_affine(x, channel_statistics(x), scale, shift, GetParam());
  const auto expected =
      plain(x.to(at::kDouble), scale.to(at::kDouble), shift.to(at::kDouble), GetParam());
  EXPECT_LT(relative_difference(y.to(at::kDouble), expected), 1e-5);
}

TEST_P(InstanceAffine, HasTheGradientsOfLibTorch) {
  const auto weights = random_input({2, 5, 23, 31}).flip({3});  // not in line with x
  const auto gradients = [&](auto work, at::ScalarType type) {
    std::vector<torch::Tensor> leaves;
    for (const auto& leaf : {x, scale, shift})
      leaves.push_back(leaf.to(type).detach().clone().requires_grad_());
    (work(leaves[0], leaves[1], leaves[2]) * weights.to(type)).sum().backward();
    std::vector<torch::Tensor> result;
    for (const auto& leaf : leaves) result.push_back(leaf.grad().to(at::kDouble));
    return result;
  };
  const auto ours = gradients(
      [&](const auto& a, const auto& b, const auto& c) {
        return instance_affine(a, channel_statistics(a), b, c, GetParam());
      },
      at::kFloat);
  const auto theirs = gradients(
      [&](const auto& a, const auto& b, const auto& c) { return plain(a, b, c, GetParam()); },
      at::kDouble);
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_LT(relative_difference(ours[i], theirs[i]), 1e-4) << i;
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutRelu, InstanceAffine, ::testing::Bool());

TEST(ChannelStatistics, AreThoseOfEachPicture) {
  const auto x = random_input({2, 3, 40, 50}) * 2 + 7;
  const auto statistics = channel_statistics(x);
  EXPECT_LT(relative_difference(statistics.mean, x.mean({2, 3})), 1e-6);
  EXPECT_LT(
      relative_difference(statistics.deviation, (x.var({2, 3}, false) + kVarianceEpsilon).sqrt()),
      1e-4);
}

TEST(ChannelStatistics, OfAFlatPictureAreNotZero) {
  const auto statistics = channel_statistics(at::full({1, 2, 8, 8}, 3.0F));
  EXPECT_NEAR(statistics.deviation.max().item<float>(), std::sqrt(kVarianceEpsilon), 1e-4);
}

}  // namespace
}  // namespace likeness::net
