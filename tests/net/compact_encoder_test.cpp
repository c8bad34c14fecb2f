#include <cmath>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/net/compact_encoder.h>
#include <torch/types.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// As it may be some way into training: no scale is 0, running statistics are of some batches.
TrainableCompactEncoder in_training(const CompactEncoderOptions& options) {
  const torch::NoGradGuard no_gradients;
  TrainableCompactEncoder network(options);
  network->initialise(3);
  torch::manual_seed(4);
  for (auto& parameter : network->named_parameters()) {
    if (parameter.key().ends_with("scale")) parameter.value().uniform_(0.5, 1.5);
    if (parameter.key().ends_with("shift")) parameter.value().uniform_(-0.5, 0.5);
  }
  network->train();
  for (int i = 0; i < 3; ++i)
    network->forward(random_input({6, 3, options.size, options.size}) * (i + 1));
  return network;
}

std::int64_t parameters_of(const torch::nn::Module& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

TEST(CompactEncoder, GivesOneEncodingAPictureWhateverTheSize) {
  for (const std::int64_t size : {32, 64, 112})
    for (const std::int64_t dimensions : {8, 128}) {
      CompactEncoder network(CompactEncoderOptions{.size = size, .dimensions = dimensions});
      const auto y = infer(network, random_input({2, 3, size, size}));
      EXPECT_EQ(y.sizes(), at::IntArrayRef({2, dimensions})) << size;
    }
}

TEST(CompactEncoder, HasAtMostOneAndAHalfMillionParameters) {
  for (const std::int64_t size : {32, 64, 112})
    EXPECT_LE(parameters_of(*TrainableCompactEncoder(CompactEncoderOptions{.size = size})),
              1'500'000)
        << size;
}

TEST(CompactEncoder, RefusesSizesAndDimensionsOutOfRange) {
  for (const CompactEncoderOptions& options :
       {CompactEncoderOptions{.size = 16}, CompactEncoderOptions{.size = 128},
        CompactEncoderOptions{.size = 72}, CompactEncoderOptions{.dimensions = 4},
        CompactEncoderOptions{.dimensions = 1024}})
    EXPECT_THROW(CompactEncoder{options}, std::logic_error);
}

TEST(CompactEncoder, FoldedItGivesWhatTheTrainedNetworkGivesInEvaluation) {
  for (const std::int64_t size : {32, 64}) {
    TrainableCompactEncoder network = in_training({.size = size, .dimensions = 32});
    network->eval();
    const auto x = random_input({3, 3, size, size});
    const auto expected = infer(network, x);
    CompactEncoder encoder = folded(*network);
    EXPECT_LT(relative_difference(infer(encoder, x), expected), 1e-5);
    encoder->pack();
    EXPECT_LT(relative_difference(infer(encoder, x), expected), 1e-5) << "packed";
    network->train();
    EXPECT_GT(relative_difference(infer(network, x), expected), 1e-2)
        << "in training it looks at the batch instead";
  }
}

TEST(CompactEncoder, FoldingLeavesTheNetworkAlone) {
  TrainableCompactEncoder network = in_training({.size = 32});
  std::vector<torch::Tensor> before;
  for (const auto& tensor : network->parameters()) before.push_back(tensor.clone());
  folded(*network);
  const auto after = network->parameters();
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(at::equal(before[i], after[i]));
}

TEST(CompactEncoder, OnePictureIsEncodedAsInABatch) {
  const TrainableCompactEncoder network = in_training({.size = 32});
  CompactEncoder encoder = folded(*network);
  const auto x = random_input({4, 3, 32, 32});
  EXPECT_LT(
      relative_difference(infer(encoder, x.narrow(0, 2, 1)), infer(encoder, x).narrow(0, 2, 1)),
      1e-5);
}

TEST(CompactEncoder, TheSeedAloneDecidesTheFirstWeights) {
  const CompactEncoderOptions options{.size = 32};
  TrainableCompactEncoder a(options), b(options), c(options);
  a->initialise(1);
  torch::manual_seed(99);
  b->initialise(1);
  c->initialise(2);
  const auto first = a->named_parameters();
  for (const auto& item : b->named_parameters())
    EXPECT_TRUE(at::equal(item.value(), first[item.key()])) << item.key();
  EXPECT_FALSE(at::equal(c->stem->weight, a->stem->weight));
  EXPECT_NEAR(a->projection->weight.std().item<double>(), std::sqrt(2.0 / (32 * 2 * 2)), 0.01)
      << "the deviation that He et al. give";
}

TEST(CompactEncoder, EachBlockBeginsAsTheIdentity) {
  TrainableCompactEncoder network(CompactEncoderOptions{.size = 32});
  network->initialise(1);
  int blocks = 0;
  for (const auto& layer : *network->layers)
    if (auto* block = layer->as<CompactBlockImpl<NormalizedConvolution>>()) {
      const auto x = random_input({2, block->conv1->options.in, 4, 4}).relu();
      EXPECT_TRUE(at::equal(block->forward(x), x));
      ++blocks;
    }
  EXPECT_EQ(blocks, 5);
}

TEST(CompactEncoder, EncodingsInTrainingHaveAMeanOfZero) {
  TrainableCompactEncoder network(CompactEncoderOptions{.size = 32});
  network->initialise(1);
  network->train();
  const auto y = infer(network, random_input({8, 3, 32, 32}));
  EXPECT_LT(y.mean(0).abs().max().item<double>(), 1e-5);
  EXPECT_GT(y.var(0).min().item<double>(), 0.5);
}

TEST(CompactEncoder, GradientsAreTheDerivatives) {
  TrainableCompactEncoder network = in_training({.size = 32, .dimensions = 8});
  network->to(torch::kFloat64);
  network->train();
  const auto x = random_input({3, 3, 32, 32}).to(at::kDouble);
  const auto direction = at::linspace(-1, 1, 24, at::kDouble).view({3, 8}).cos();
  const auto f = [&] { return (network->forward(x) * direction).sum(); };
  f().backward();
  const torch::NoGradGuard no_gradients;
  constexpr double kStep = 1e-6;
  for (auto& item : network->named_parameters()) {
    torch::Tensor& parameter = item.value();
    auto way = at::randn_like(parameter);
    way.div_(way.norm());
    const double expected = (parameter.grad() * way).sum().item<double>();
    parameter.add_(way, kStep);
    const double above = f().item<double>();
    parameter.sub_(way, 2 * kStep);
    const double below = f().item<double>();
    parameter.add_(way, kStep);
    EXPECT_NEAR((above - below) / (2 * kStep), expected, 1e-5 * (1 + std::abs(expected)))
        << item.key();
  }
}

}  // namespace
}  // namespace likeness::net
