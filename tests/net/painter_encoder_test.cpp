#include <array>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/net/painter_encoder.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

constexpr std::array<std::int64_t, kPainterScales> kWidths = {8, 10, 12};

/// An encoder whose layers differ in size a lot, biases included.
PainterEncoder uneven_encoder() {
  PainterEncoder encoder(kWidths);
  randomise(*encoder);
  const torch::NoGradGuard no_gradients;
  double factor = 3;
  for (auto& parameter : encoder->parameters()) {
    parameter.mul_(factor);
    factor = 9 / factor;
  }
  return encoder;
}

torch::Tensor pictures() {
  torch::manual_seed(3);
  return torch::rand({2, 3, 32, 48}).contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(PainterEncoder, HalvesTheSizeAtEachScale) {
  PainterEncoder encoder = uneven_encoder();
  const PainterFeatures features = encoder->forward(pictures());
  EXPECT_EQ(features[0].sizes(), at::IntArrayRef({2, 8, 16, 24}));
  EXPECT_EQ(features[1].sizes(), at::IntArrayRef({2, 10, 8, 12}));
  EXPECT_EQ(features[2].sizes(), at::IntArrayRef({2, 12, 4, 6}));
}

TEST(PainterEncoder, NormalisedTellsTheSame) {
  PainterEncoder encoder = uneven_encoder();
  const torch::NoGradGuard no_gradients;
  const PainterFeatures before = encoder->forward(pictures());
  encoder->normalise(pictures());
  const PainterFeatures after = encoder->forward(pictures());
  for (std::size_t s = 0; s < after.size(); ++s) {
    EXPECT_NEAR(after[s].square().mean().item<double>(), 0.25, 1e-4);
    const auto factor = (after[s].sum() / before[s].sum()).item<double>();
    EXPECT_GT(before[s].std().item<double>(), 0);
    EXPECT_LT(relative_difference(after[s], before[s] * factor), 1e-4) << "scale " << s;
  }
}

}  // namespace
}  // namespace likeness::net
