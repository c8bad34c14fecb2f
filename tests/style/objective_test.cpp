#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/style/objective.h>

#include "style/tiny_network.h"

namespace likeness {
namespace {

StyleObjective objective_of(const PerceptualNetwork& network, const at::Tensor& content,
                            const at::Tensor& style, const CostWeights& weights,
                            std::int64_t tile = 0, const at::Tensor& region = {}) {
  StylePart part;
  part.target = style_target(network, style, {}, weights, 1);
  part.mask = region;
  return {network, content, {part}, weights, {.side = tile}};
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST(StyleObjective, IsZeroInContentAtTheContentAndInStyleAtTheStyle) {
  const PerceptualNetwork network = tiny_network(true);
  const at::Tensor content = smooth_picture(32, 48, 1);
  const at::Tensor style = smooth_picture(32, 48, 2);
  const StyleObjective objective = objective_of(network, content, style, {});
  const Costs at_content = objective.evaluate(content);
  EXPECT_NEAR(at_content.content, 0, 1e-9);
  EXPECT_GT(at_content.style, 1e-4);
  const Costs at_style = objective.evaluate(style);
  EXPECT_GT(at_style.content, 1e-4);
  EXPECT_NEAR(at_style.style, 0, 1e-9);
  EXPECT_NEAR(at_content.total, at_content.content + 30 * at_content.style, 1e-6);
}

TEST(StyleObjective, GradientIsThatOfTheCost) {
  for (const StyleLoss loss : {StyleLoss::gram, StyleLoss::mean_std, StyleLoss::covariance,
                               StyleLoss::wasserstein, StyleLoss::sliced}) {
    const PerceptualNetwork network = tiny_network(true);
    CostWeights weights{.style = 3, .variation = 2};
    weights.style_loss = loss;
    const StyleObjective objective =
        objective_of(network, smooth_picture(24, 20, 1), smooth_picture(24, 20, 2), weights);
    const at::Tensor picture = smooth_picture(24, 20, 3);
    at::Tensor gradient;
    objective.evaluate(picture, &gradient);
    // Along the gradient itself, so that the difference stands out of float32's rounding.
    const at::Tensor way = gradient / gradient.norm();
    const double h = 0.02;
    const double difference = (objective.evaluate(picture + way * h).total -
                               objective.evaluate(picture - way * h).total) /
                              (2 * h);
    EXPECT_NEAR(difference / gradient.norm().item<double>(), 1, 0.05) << to_string(loss);
  }
}

TEST(StyleObjective, TilesGiveTheCostAndGradientOfTheWhole) {
  const PerceptualNetwork network = tiny_network(true);
  const at::Tensor content = smooth_picture(150, 203, 1);
  const at::Tensor style = smooth_picture(80, 60, 2);
  const at::Tensor picture = smooth_picture(150, 203, 3);
  const at::Tensor region = at::zeros({150, 203});
  region.narrow(1, 0, 120).fill_(1);
  for (const bool masked : {false, true}) {
    const CostWeights weights{.variation = 1};
    const at::Tensor mask = masked ? region : at::Tensor();
    at::Tensor whole_gradient;
    at::Tensor tile_gradient;
    const Costs whole =
        objective_of(network, content, style, weights, 0, mask).evaluate(picture, &whole_gradient);
    const Costs tiles =
        objective_of(network, content, style, weights, 64, mask).evaluate(picture, &tile_gradient);
    EXPECT_NEAR(tiles.content / whole.content, 1, 1e-4);
    EXPECT_NEAR(tiles.style / whole.style, 1, 1e-4);
    EXPECT_NEAR(tiles.total / whole.total, 1, 1e-4);
    EXPECT_LT(relative_difference(tile_gradient, whole_gradient), 1e-3);
  }
}

TEST(StyleObjective, AMaskedStyleMovesNothingOutsideItsReach) {
  const PerceptualNetwork network = tiny_network();
  const CostWeights weights{.content = 0};
  const at::Tensor region = at::zeros({32, 160});
  region.narrow(1, 0, 16).fill_(1);
  const at::Tensor picture = smooth_picture(32, 160, 3);
  at::Tensor gradient;
  objective_of(network, picture, smooth_picture(32, 32, 2), weights, 0, region)
      .evaluate(picture, &gradient);
  EXPECT_GT(gradient.narrow(3, 0, 16).abs().max().item<float>(), 0);
  EXPECT_EQ(gradient.narrow(3, 64, 96).abs().max().item<float>(), 0);
}

TEST(StyleObjective, RefusesWeightsThatMakeNoSense) {
  const PerceptualNetwork network = tiny_network();
  const at::Tensor picture = smooth_picture(32, 32, 1);
  const auto refuses = [&](const CostWeights& weights, const std::string& word) {
    try {
      objective_of(network, picture, picture, weights);
      ADD_FAILURE() << word;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  refuses({.content = -1}, "content weight is -1");
  refuses({.style = std::nan("")}, "style weight");
  refuses({.content = 0, .style = 0}, "both 0");
  refuses({.style_layers = {{net::Tap::relu2_1, -2}}}, "relu2_1");
  CostWeights too_deep;
  too_deep.content_layers = {{net::Tap::relu5_1, 1}};
  EXPECT_THROW(StyleObjective(network, picture, {}, too_deep, {}), Error);
}

TEST(StyleObjective, UsesNoLayerBeyondThoseWithAWeight) {
  EXPECT_EQ(CostWeights{}.last_tap(), net::Tap::relu4_1);
  CostWeights shallow;
  shallow.content_layers = {{net::Tap::relu2_1, 1}};
  shallow.style_layers = {{net::Tap::relu1_1, 1}, {net::Tap::relu4_1, 0}};
  EXPECT_EQ(shallow.last_tap(), net::Tap::relu2_1);
  EXPECT_EQ((CostWeights{.style = 0}.last_tap()), net::Tap::relu4_1);
}

TEST(StyleTarget, OfALargePictureIsThatOfTheWhole) {
  const PerceptualNetwork network = tiny_network(true);
  const at::Tensor picture = smooth_picture(40, 2600, 1);
  const at::Tensor mask = at::linspace(0, 1, 2600).expand({40, 2600}).contiguous();
  const auto features = network.features(picture, net::Tap::relu4_1);
  for (const bool masked : {false, true}) {
    const StyleTarget target = style_target(network, picture, masked ? mask : at::Tensor(), {}, 1);
    for (const auto& [tap, found] : target.moments) {
      const at::Tensor& whole = features.at(static_cast<std::size_t>(tap));
      const at::Tensor weights =
          at::adaptive_avg_pool2d(mask.unsqueeze(0), {whole.size(2), whole.size(3)}).squeeze(0);
      const Moments expected = moments(whole, masked ? weights : at::Tensor());
      EXPECT_LT(relative_difference(found.second, expected.second), 1e-4) << masked;
      EXPECT_LT(relative_difference(found.mean, expected.mean), 1e-4) << masked;
    }
  }
}

}  // namespace
}  // namespace likeness
