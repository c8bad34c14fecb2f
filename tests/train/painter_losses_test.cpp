#include "train/painter_losses.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/style/costs.h>

#include "train/perceptual_samples.h"

namespace likeness {
namespace {

constexpr std::int64_t kPictures = 2;

/// A slim network with lifts, so that everything is compared in another space than its own.
PerceptualNetwork network(bool lifts) {
  TensorMap weights = tiny_teacher({4, 5, 6, 7});
  Random random(9);
  if (lifts)
    for (std::size_t i = 0; i < kPaintedTaps; ++i) {
      const std::string prefix = "lift." + std::string(to_string(static_cast<net::Tap>(i)));
      const auto width = static_cast<std::int64_t>(4 + i);
      weights[prefix + ".weight"] = seeded_normal({2 * width, width}, 0.6, random);
      weights[prefix + ".bias"] = seeded_normal({2 * width}, 0.3, random);
    }
  return make_perceptual_network(weights, "tiny", at::kCPU, {});
}

at::Tensor pictures(std::uint64_t seed) {
  Random random(seed);
  return seeded_normal({kPictures, 3, 32, 32}, 0.3, random).add_(0.5).clamp_(0, 1);
}

class PainterLosses : public ::testing::TestWithParam<bool> {
 protected:
  std::vector<at::Tensor> taps(const at::Tensor& x) const {
    return judge.features(x, net::Tap::relu4_1);
  }
  PerceptualNetwork judge = network(GetParam());
  at::Tensor painted = pictures(1);
  at::Tensor content = pictures(2);
  at::Tensor style = pictures(3) * 0.4;  // dark: unlike the content
};

/// One picture at a time, by the functions that descent uses.
TEST_P(PainterLosses, AreTheCostsOfDescent) {
  const at::NoGradGuard no_gradients;
  const PaintingCosts costs =
      painting_costs(judge, taps(painted), taps(content).back(), tap_moments(taps(style)));
  for (std::int64_t n = 0; n < kPictures; ++n) {
    const auto of = [&](const at::Tensor& x) { return taps(x.narrow(0, n, 1)); };
    const auto p = of(painted);
    const auto s = of(style);
    const Lift& last = judge.lift(net::Tap::relu4_1);
    EXPECT_NEAR(
        costs.content[n].item<double>(),
        content_cost(lifted(p.back(), last), lifted(of(content).back(), last)).item<double>(),
        1e-4 * costs.content[n].item<double>());
    for (std::size_t i = 0; i < kPaintedTaps; ++i) {
      const Lift& lift = judge.lift(static_cast<net::Tap>(i));
      const Moments ours = lifted(moments(p[i]), lift);
      const Moments theirs = lifted(moments(s[i]), lift);
      const double gram = style_cost(ours, theirs, StyleLoss::gram).item<double>();
      EXPECT_NEAR(costs.style[i][n].item<double>(), gram, 1e-3 * gram + 1e-9) << i;
      const double spread = style_cost(ours, theirs, StyleLoss::mean_std).item<double>();
      EXPECT_NEAR(costs.statistics[i][n].item<double>(), spread, 1e-3 * spread + 1e-9) << i;
    }
  }
}

TEST_P(PainterLosses, AStyleUnchangedCostsOneForTheContent) {
  const at::NoGradGuard no_gradients;
  const auto of_content = taps(content);
  const auto of_style = tap_moments(taps(style));
  const PaintingCosts unchanged = unchanged_costs(judge, tap_moments(of_content), of_style);
  const RelativeCosts shown =
      relative_costs(painting_costs(judge, taps(style), of_content.back(), of_style), unchanged);
  // Expected over positions, so near one; and nothing of the style is missing.
  EXPECT_NEAR(shown.content.item<double>(), 1, 0.25);
  EXPECT_NEAR(shown.style.item<double>(), 0, 1e-6);
  EXPECT_NEAR(shown.statistics.item<double>(), 0, 1e-6);
  const RelativeCosts kept =
      relative_costs(painting_costs(judge, of_content, of_content.back(), of_style), unchanged);
  EXPECT_NEAR(kept.content.item<double>(), 0, 1e-9);
  EXPECT_GT(kept.style.item<double>(), 0.5);
  EXPECT_LE(kept.style.item<double>(), 1 + 1e-6);
}

TEST_P(PainterLosses, MomentsCanBeTakenApartAndPutTogether) {
  const TapMoments all = tap_moments(taps(style));
  const TapMoments again = stacked({at_place(all, 0), at_place(all, 1)});
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    EXPECT_TRUE(again[i].mean.equal(all[i].mean));
    EXPECT_TRUE(again[i].second.equal(all[i].second));
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutLifts, PainterLosses, ::testing::Bool());

TEST(PainterCoherence, IsLowForTheContentItselfAndHighForAnother) {
  const at::NoGradGuard no_gradients;
  const PerceptualNetwork judge = network(false);
  Coherence coherence(judge.layers().tap_widths);
  coherence->initialise(1);
  const auto content = judge.features(pictures(1), net::Tap::relu4_1);
  const auto other = judge.features(pictures(2), net::Tap::relu4_1);
  Random one(4);
  Random two(4);
  const double same = coherence->forward(content, content, one).item<double>();
  const double different = coherence->forward(other, content, two).item<double>();
  EXPECT_LT(same, 0.5 * different);
  EXPECT_EQ(one.state(), two.state());
}

}  // namespace
}  // namespace likeness
