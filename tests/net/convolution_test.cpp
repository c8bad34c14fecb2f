#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/net/convolution.h>
#include <torch/types.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// Every kind of block that a network may be made of.
std::vector<ConvolutionOptions> every_kind() {
  std::vector<ConvolutionOptions> kinds;
  for (const std::int64_t kernel : {1, 2, 3, 7})
    for (const std::int64_t stride : {1, 2})
      for (const Padding padding : {Padding{0, 0}, Padding{0, 1}, Padding{1, 1}, Padding{1, 2}})
        for (const std::int64_t groups : {1, 8})
          for (const auto activation : {Activation::none, Activation::relu, Activation::prelu})
            kinds.push_back({.in = 8,
                             .out = 16,
                             .kernel = kernel,
                             .stride = stride,
                             .padding = padding,
                             .groups = groups,
                             .activation = activation});
  return kinds;
}

std::string describe(const ConvolutionOptions& o) {
  return "kernel " + std::to_string(o.kernel) + ", stride " + std::to_string(o.stride) +
         ", padding {" + std::to_string(o.padding.before) + ", " + std::to_string(o.padding.after) +
         "}, groups " + std::to_string(o.groups) + ", activation " +
         std::to_string(static_cast<int>(o.activation));
}

TEST(Convolution, SlidesTheFilterAndAddsTheBias) {
  Convolution sum(ConvolutionOptions{.in = 1, .out = 1, .kernel = 2, .padding = {0, 1}});
  const torch::NoGradGuard no_gradients;
  sum->weight.fill_(1);
  sum->bias.fill_(100);
  const auto x = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({1, 1, 2, 2});
  const auto expected = torch::tensor({110.0F, 106.0F, 107.0F, 104.0F}).view({1, 1, 2, 2});
  EXPECT_TRUE(at::equal(sum->forward(x), expected));
  sum->pack(2);
  EXPECT_TRUE(at::equal(sum->forward(x), expected));
}

TEST(Convolution, ActivatesAsItsOptionsSay) {
  const auto x = torch::tensor({-2.0F, 3.0F}).view({1, 1, 1, 2});
  const auto activated = [&](Activation activation) {
    Convolution identity(
        ConvolutionOptions{.in = 1, .out = 1, .kernel = 1, .activation = activation});
    const torch::NoGradGuard no_gradients;
    identity->weight.fill_(1);
    if (identity->slope.defined()) identity->slope.fill_(0.25);
    const auto y = identity->forward(x).flatten().clone();
    identity->pack(2);
    EXPECT_TRUE(at::equal(identity->forward(x).flatten(), y));
    return y;
  };
  EXPECT_TRUE(at::equal(activated(Activation::none), torch::tensor({-2.0F, 3.0F})));
  EXPECT_TRUE(at::equal(activated(Activation::relu), torch::tensor({0.0F, 3.0F})));
  EXPECT_TRUE(at::equal(activated(Activation::prelu), torch::tensor({-0.5F, 3.0F})));
}

TEST(Convolution, GivesTheSameAnswerPacked) {
  for (const auto& options : every_kind()) {
    SCOPED_TRACE(describe(options));
    Convolution block(options);
    randomise(*block);
    for (const std::int64_t size : {7, 12}) {
      const auto x = random_input({2, options.in, size, size});
      const auto plain = infer(block, x);
      block->pack(size);
      EXPECT_LT(relative_difference(infer(block, x), plain), 1e-4);
    }
  }
}

TEST(Convolution, TakesPicturesOfAnotherSizeThanItWasPackedFor) {
  Convolution block(ConvolutionOptions{.in = 3, .out = 10, .activation = Activation::prelu});
  randomise(*block);
  const auto x = random_input({1, 3, 37, 51});
  const auto plain = infer(block, x);
  block->pack(160);
  EXPECT_LT(relative_difference(infer(block, x), plain), 1e-4);
}

TEST(Convolution, TakesViewsOfLargerPictures) {
  Convolution block(ConvolutionOptions{.in = 3, .out = 5, .activation = Activation::relu});
  randomise(*block);
  block->pack(20);
  for (const std::int64_t pictures : {1, 2}) {
    const auto x = random_input({pictures, 3, 20, 24});
    const std::vector<torch::Tensor> views = {x.narrow(2, 4, 9),
                                              x.narrow(3, 4, 9),
                                              x.contiguous().narrow(2, 4, 9),
                                              x.transpose(2, 3),
                                              x.narrow(2, 4, 9).narrow(3, 4, 9),
                                              x.narrow(0, pictures - 1, 1).narrow(2, 4, 9)};
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto expected = at::conv2d(views[i], block->weight, block->bias).relu();
      EXPECT_LT(relative_difference(infer(block, views[i]), expected), 1e-4)
          << "view " << i << " of " << pictures;
    }
  }
}

TEST(Convolution, GivesAboutTheSameAnswerPackedInBfloat16) {
  for (const auto& options : every_kind()) {
    SCOPED_TRACE(describe(options));
    Convolution block(options);
    randomise(*block);
    const auto x = random_input({2, options.in, 12, 12});
    const auto exact = infer(block, x);
    block->to(torch::kBFloat16);
    block->pack(12);
    const auto y = infer(block, x.to(torch::kBFloat16));
    EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
    EXPECT_LT(relative_difference(y.to(torch::kFloat32), exact), 0.03);
  }
}

TEST(Convolution, PackedForOneDtypeStillTakesTheOther) {
  Convolution block(ConvolutionOptions{.in = 4, .out = 4, .activation = Activation::relu});
  randomise(*block);
  block->pack(8);
  const auto x = random_input({1, 4, 8, 8});
  const auto expected = infer(block, x);
  block->to(torch::kFloat64);
  EXPECT_LT(relative_difference(infer(block, x.to(torch::kFloat64)).to(torch::kFloat32), expected),
            1e-4);
}

TEST(Convolution, SeesChangedWeightsAfterPackingAgain) {
  Convolution block(ConvolutionOptions{.in = 4, .out = 4});
  randomise(*block);
  block->pack(8);
  const torch::NoGradGuard no_gradients;
  block->weight.mul_(2);
  block->pack(8);
  const auto x = random_input({1, 4, 8, 8});
  const auto expected = at::conv2d(x, block->weight, block->bias);
  EXPECT_LT(relative_difference(block->forward(x), expected), 1e-4);
}

TEST(Convolution, LetsGradientsThroughEvenWhenItIsPacked) {
  for (const auto activation : {Activation::none, Activation::relu, Activation::prelu}) {
    Convolution block(ConvolutionOptions{
        .in = 4, .out = 4, .stride = 2, .padding = {0, 1}, .groups = 4, .activation = activation});
    randomise(*block);
    block->pack(8);
    block->forward(random_input({1, 4, 8, 8})).sum().backward();
    for (const auto& item : block->named_parameters()) {
      ASSERT_TRUE(item.value().grad().defined()) << item.key();
      EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
    }
  }
}

TEST(Convolution, GradientIsTheSlopeOfTheOutput) {
  Convolution block(
      ConvolutionOptions{.in = 2, .out = 2, .padding = {0, 1}, .activation = Activation::prelu});
  randomise(*block);
  block->to(torch::kFloat64);
  const auto x = random_input({1, 2, 5, 5}).to(torch::kFloat64);
  block->forward(x).sum().backward();

  const torch::NoGradGuard no_gradients;
  constexpr double kStep = 1e-6;
  for (auto& item : block->named_parameters()) {
    auto values = item.value().view(-1);
    const auto gradient = item.value().grad().view(-1);
    for (std::int64_t i = 0; i < values.size(0); ++i) {
      const auto at_offset = [&](double offset) {
        values[i] += offset;
        const double sum = block->forward(x).sum().item<double>();
        values[i] -= offset;
        return sum;
      };
      const double slope = (at_offset(kStep) - at_offset(-kStep)) / (2 * kStep);
      EXPECT_NEAR(gradient[i].item<double>(), slope, 1e-5) << item.key() << " " << i;
    }
  }
}

TEST(Convolution, RefusesOptionsThatFitNoFilter) {
  EXPECT_THROW(Convolution(ConvolutionOptions{.in = 3, .out = 4, .groups = 2}), std::logic_error);
  EXPECT_THROW(Convolution(ConvolutionOptions{.in = 0, .out = 4}), std::logic_error);
}

}  // namespace
}  // namespace likeness::net
