#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/net/vgg.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "net/random_weights.h"
#include "net/reflect_convolution.h"

namespace likeness::net {
namespace {

void freeze(Vgg& network) {
  for (auto& parameter : network->parameters()) parameter.set_requires_grad(false);
}

Vgg random_vgg(const VggOptions& options) {
  Vgg network(options);
  randomise(*network);
  return network;
}

torch::Tensor gradient(const torch::Tensor& y, const torch::Tensor& x, const torch::Tensor& seed) {
  return torch::autograd::grad({y}, {x}, {seed})[0];
}

TEST(Vgg, GivesATapForEachBlockAtHalfTheSizeOfTheOneBefore) {
  Vgg network = random_vgg({.widths = {4, 6, 8, 10, 12}});
  const auto taps = network->forward(random_input({2, 3, 50, 37}));
  ASSERT_EQ(taps.size(), 5U);
  EXPECT_EQ(taps[0].sizes(), at::IntArrayRef({2, 4, 50, 37}));
  EXPECT_EQ(taps[1].sizes(), at::IntArrayRef({2, 6, 25, 18}));
  EXPECT_EQ(taps[2].sizes(), at::IntArrayRef({2, 8, 12, 9}));
  EXPECT_EQ(taps[3].sizes(), at::IntArrayRef({2, 10, 6, 4}));
  EXPECT_EQ(taps[4].sizes(), at::IntArrayRef({2, 12, 3, 2}));
}

TEST(Vgg, LaterLayersReadAsManyChannelsOfATapAsTheyHaveInputs) {
  Vgg wide = random_vgg({.widths = {4, 6, 8}, .tap_widths = {5, 9, 8}});
  Vgg narrow(VggOptions{.widths = {4, 6, 8}});
  {
    const torch::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < narrow->weights.size(); ++i) {
      const std::int64_t out = narrow->weights[i].size(0);
      narrow->weights[i].copy_(wide->weights[i].narrow(0, 0, out));
      narrow->biases[i].copy_(wide->biases[i].narrow(0, 0, out));
    }
  }
  for (const bool learns : {true, false}) {
    if (!learns) freeze(wide);
    const auto x = random_input({1, 3, 16, 12}).requires_grad_();
    const auto taps = wide->forward(x);
    const auto expected = narrow->forward(x);
    EXPECT_EQ(taps[0].size(1), 5);
    EXPECT_EQ(taps[1].size(1), 9);
    for (std::size_t i = 0; i < taps.size(); ++i)
      EXPECT_TRUE(taps[i].narrow(1, 0, expected[i].size(1)).allclose(expected[i], 1e-4, 1e-5)) << i;
    const auto of_extra = gradient(taps[1].narrow(1, 6, 3).sum(), x, torch::ones({}));
    EXPECT_GT(of_extra.abs().max().item<float>(), 0) << "what is compared reaches the picture";
  }
  EXPECT_THROW(Vgg(VggOptions{.widths = {4, 6}, .tap_widths = {3, 6}}), std::logic_error);
  EXPECT_THROW(Vgg(VggOptions{.widths = {4, 6}, .tap_widths = {4, 7}}), std::logic_error)
      << "nobody would read less of the last one";
}

/// Values of another implementation (PyTorch, float64) with the same weights, made of sines.
TEST(Vgg, ComputesWhatPyTorchDoes) {
  const torch::NoGradGuard no_gradients;
  Vgg network(VggOptions{.widths = {4, 6, 8, 10}});
  const auto ramp = [](std::int64_t count) { return at::arange(count, at::kDouble); };
  for (std::size_t i = 0; i < network->weights.size(); ++i) {
    torch::Tensor& weight = network->weights[i];
    const double size = std::sqrt(2.0 / static_cast<double>(9 * weight.size(1)));
    weight.copy_((ramp(weight.numel()) * 0.37 + static_cast<double>(i)).sin().view(weight.sizes()) *
                 size);
    network->biases[i].copy_(ramp(weight.size(0)).cos() * 0.05);
  }
  freeze(network);
  const auto x = (0.5 + 0.5 * (ramp(3 * 24 * 20) * 0.11).sin()).view({1, 3, 24, 20}).to(at::kFloat);
  struct Golden {
    double mean, first, last, largest;
  };
  const std::vector<Golden> golden = {{0.462915, 1.143275, 0.190025, 1.626152},
                                      {0.138244, 0.000000, 0.621160, 1.221625},
                                      {0.121703, 0.000000, 0.142452, 0.525522},
                                      {0.096988, 0.079545, 0.000000, 0.336372}};
  const auto taps = network->forward(x.contiguous(at::MemoryFormat::ChannelsLast));
  ASSERT_EQ(taps.size(), golden.size());
  for (std::size_t i = 0; i < taps.size(); ++i) {
    const auto values = taps[i].contiguous().flatten();
    EXPECT_NEAR(values.mean().item<double>(), golden[i].mean, 1e-5) << i;
    EXPECT_NEAR(values[0].item<double>(), golden[i].first, 1e-5) << i;
    EXPECT_NEAR(values[-1].item<double>(), golden[i].last, 1e-5) << i;
    EXPECT_NEAR(values.max().item<double>(), golden[i].largest, 1e-5) << i;
  }
}

TEST(Vgg, StopsAtTheTapThatIsAskedFor) {
  Vgg network = random_vgg({.widths = {4, 6, 8, 10}});
  const auto x = random_input({1, 3, 32, 32});
  const auto some = network->forward(x, Tap::relu2_1);
  const auto all = network->forward(x);
  ASSERT_EQ(some.size(), 2U);
  EXPECT_TRUE(at::equal(some[1], all[1]));
}

TEST(Vgg, NamesItsLayersAsTorchvisionDoes) {
  EXPECT_EQ(vgg_layer_names(4),
            (std::vector<std::string>{"features.0", "features.2", "features.5", "features.7",
                                      "features.10", "features.12", "features.14", "features.16",
                                      "features.19"}));
  const Vgg network(VggOptions{.widths = {4, 6}});
  const auto parameters = network->named_parameters();
  EXPECT_EQ(parameters["features.5.weight"].sizes(), at::IntArrayRef({6, 4, 3, 3}));
  EXPECT_EQ(parameters["features.5.bias"].sizes(), at::IntArrayRef({6}));
  EXPECT_EQ(parameters.size(), 6U);
}

TEST(Vgg, FrozenItComputesWhatThePaddedFormDoes) {
  for (const Pooling pooling : {Pooling::maximum, Pooling::average}) {
    Vgg network = random_vgg({.widths = {4, 6, 8}, .pooling = pooling});
    auto x = random_input({2, 3, 24, 19}).requires_grad_();
    const auto learning = network->forward(x).back();
    const auto seed = random_input(learning.sizes());
    const auto expected = gradient(learning, x, seed);
    freeze(network);
    const auto frozen = network->forward(x).back();
    EXPECT_LT(relative_difference(frozen, learning), 1e-5);
    EXPECT_LT(relative_difference(gradient(frozen, x, seed), expected), 1e-5);
  }
}

TEST(Vgg, SmallestSideIsTheSmallestThatWorks) {
  Vgg network = random_vgg({.widths = {2, 2, 2, 2}});
  const std::int64_t side = VggImpl::smallest_side(Tap::relu4_1);
  EXPECT_EQ(side, 16);
  EXPECT_EQ(network->forward(random_input({1, 3, side, side})).back().size(2), 2);
  EXPECT_THROW(network->forward(random_input({1, 3, side - 1, side})), std::logic_error);
}

TEST(Vgg, SeesNoFurtherThanItsReach) {
  for (const Tap tap : {Tap::relu1_1, Tap::relu2_1, Tap::relu3_1}) {
    Vgg network = random_vgg({.widths = {3, 3, 3}});
    auto x = at::rand({1, 3, 64, 64}).requires_grad_();
    const auto y = network->forward(x, tap).back();
    const std::int64_t scale = 64 / y.size(2);
    const std::int64_t middle = y.size(2) / 2;
    auto seed = at::zeros_like(y);
    seed.select(2, middle).select(2, middle).fill_(1);
    const auto seen = gradient(y, x, seed).abs().sum(1).squeeze(0).sum(1);
    const std::int64_t reach = VggImpl::reach(tap);
    EXPECT_EQ(seen.narrow(0, 0, middle * scale - reach).sum().item<float>(), 0);
    EXPECT_EQ(seen.slice(0, (middle + 1) * scale + reach).sum().item<float>(), 0);
  }
  EXPECT_EQ(VggImpl::reach(Tap::relu1_1), 1);
  EXPECT_EQ(VggImpl::reach(Tap::relu2_1), 4);
  EXPECT_EQ(VggImpl::reach(Tap::relu4_1), 30);
}

TEST(Vgg, NamesOfTapsGoBothWays) {
  EXPECT_EQ(tap_from_name("relu3_1"), Tap::relu3_1);
  EXPECT_EQ(to_string(Tap::relu5_1), "relu5_1");
  EXPECT_THROW(tap_from_name("conv4_2"), Error);
}

TEST(ReflectConvolution, EqualsThePaddedOneForwardAndBack) {
  for (const std::int64_t height : {2, 3, 17})
    for (const std::int64_t width : {2, 5, 16}) {
      auto x = random_input({2, 3, height, width}).requires_grad_();
      const auto weight = random_input({5, 3, 3, 3}) * 0.3;
      const auto bias = at::linspace(-0.5, 0.5, 5);
      const auto fast = reflect_convolution_relu(x, weight, bias);
      const auto plain = padded_convolution_relu(x, weight, bias);
      EXPECT_LT(relative_difference(fast, plain), 1e-5) << height << "x" << width;
      const auto seed = random_input(fast.sizes());
      EXPECT_LT(relative_difference(gradient(fast, x, seed), gradient(plain, x, seed)), 1e-5)
          << height << "x" << width;
    }
}

TEST(ReflectConvolution, RunsInBfloat16) {
  auto x = random_input({1, 4, 12, 12}).requires_grad_();
  const auto weight = random_input({4, 4, 3, 3}) * 0.3;
  const auto bias = at::zeros({4});
  const auto exact = reflect_convolution_relu(x, weight, bias);
  const auto rounded = reflect_convolution_relu(x.to(at::kBFloat16), weight.to(at::kBFloat16),
                                                bias.to(at::kBFloat16));
  EXPECT_LT(relative_difference(rounded.to(at::kFloat), exact), 0.03);
  const auto seed = random_input(exact.sizes());
  EXPECT_LT(
      relative_difference(gradient(rounded, x, seed.to(at::kBFloat16)), gradient(exact, x, seed)),
      0.03);
}

}  // namespace
}  // namespace likeness::net
