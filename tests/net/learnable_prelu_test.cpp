#include "net/learnable_prelu.h"

#include <string>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

struct Result {
  torch::Tensor y;
  torch::Tensor of_x;
  torch::Tensor of_slope;
};

template <class Function>
Result run(Function function, const torch::Tensor& x, const torch::Tensor& slope,
           const torch::Tensor& gradient) {
  const auto own_x = x.detach().requires_grad_(true);
  const auto own_slope = slope.detach().requires_grad_(true);
  const auto y = function(own_x, own_slope);
  y.backward(gradient.to(y.scalar_type()));
  return {y.detach(), own_x.grad(), own_slope.grad()};
}

Result expected(const torch::Tensor& x, const torch::Tensor& slope, const torch::Tensor& gradient) {
  return run([](const auto& a, const auto& b) { return at::prelu(a, b); }, x, slope, gradient);
}

torch::Tensor gradient_for(const torch::Tensor& x) {
  return torch::randn_like(x);
}

TEST(LearnablePReLU, GivesValuesAndGradientsOfLibTorch) {
  for (const std::int64_t channels : {1, 3, 64, 512, 1500})
    for (const std::int64_t side : {1, 5, 40}) {
      SCOPED_TRACE(std::to_string(channels) + " channels, side " + std::to_string(side));
      const auto x = random_input({2, channels, side, side + 1});
      const auto slope = torch::randn({channels});
      const auto gradient = gradient_for(x);
      const Result found = run(learnable_prelu, x, slope, gradient);
      const Result wanted = expected(x, slope, gradient);
      EXPECT_TRUE(found.y.is_contiguous(at::MemoryFormat::ChannelsLast));
      EXPECT_TRUE(at::equal(found.y, wanted.y));
      EXPECT_TRUE(at::equal(found.of_x, wanted.of_x));
      const auto exact =
          expected(x.to(at::kDouble), slope.to(at::kDouble), gradient.to(at::kDouble));
      EXPECT_LT(relative_difference(found.of_slope.to(at::kDouble), exact.of_slope), 1e-5);
    }
}

TEST(LearnablePReLU, InBfloat16RoundsWhatFloat32Gives) {
  for (const std::int64_t channels : {3, 64}) {
    const auto x = random_input({2, channels, 20, 21}).to(at::kBFloat16);
    const auto slope = torch::randn({channels});
    const auto gradient = gradient_for(x);
    const Result found = run(learnable_prelu, x, slope, gradient);
    const Result wanted = expected(x.to(at::kFloat), slope, gradient.to(at::kFloat));
    EXPECT_TRUE(at::equal(found.y, wanted.y.to(at::kBFloat16)));
    EXPECT_TRUE(at::equal(found.of_x, wanted.of_x.to(at::kBFloat16)));
    EXPECT_EQ(found.of_slope.scalar_type(), at::kFloat);
    EXPECT_LT(relative_difference(found.of_slope, wanted.of_slope), 1e-5);
  }
}

TEST(LearnablePReLU, DoesNotDependOnTheNumberOfThreads) {
  const auto x = random_input({8, 64, 28, 28});
  const auto slope = torch::randn({64});
  const auto gradient = gradient_for(x);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Result one = run(learnable_prelu, x, slope, gradient);
  at::set_num_threads(3);
  const Result three = run(learnable_prelu, x, slope, gradient);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.y, three.y));
  EXPECT_TRUE(at::equal(one.of_x, three.of_x));
  EXPECT_TRUE(at::equal(one.of_slope, three.of_slope));
}

TEST(LearnablePReLU, LeavesOtherTensorsToLibTorch) {
  const auto plain = random_input({2, 4, 6, 6}).contiguous();
  for (const auto& x : {plain, plain.narrow(2, 1, 3), plain.to(at::kDouble), plain.flatten(1)}) {
    const auto slope = torch::randn({x.size(1)}).to(x.scalar_type());
    const auto gradient = gradient_for(x);
    const Result found = run(learnable_prelu, x, slope, gradient);
    const Result wanted = expected(x, slope, gradient);
    EXPECT_TRUE(at::equal(found.y, wanted.y));
    EXPECT_TRUE(at::equal(found.of_x, wanted.of_x));
    EXPECT_TRUE(at::allclose(found.of_slope, wanted.of_slope));
  }
}

}  // namespace
}  // namespace likeness::net
