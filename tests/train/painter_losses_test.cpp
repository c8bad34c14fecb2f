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
  /// Of each picture.
  std::vector<std::vector<at::Tensor>> taps(const at::Tensor& x) const {
    return by_picture(judge.taps(x));
  }
  PerceptualNetwork seen_by = network(GetParam());
  PaintingJudge judge{seen_by};
  at::Tensor painted = pictures(1);
  at::Tensor content = pictures(2);
  at::Tensor style = pictures(3) * 0.4;  // dark: unlike the content
};

/// Lifted first, and compared in the teacher's space.
TEST_P(PainterLosses, AreTheCostsOfDescent) {
  const at::NoGradGuard no_gradients;
  const auto of_painted = taps(painted);
  const auto of_content = taps(content);
  const auto of_style = taps(style);
  for (std::size_t n = 0; n < kPictures; ++n) {
    const auto& p = of_painted[n];
    const auto& s = of_style[n];
    const at::Tensor& c = of_content[n].back();
    const PaintingCosts costs = judge.costs(p, judge.statistics(p), c, judge.statistics(s));
    const Lift& last = seen_by.lift(net::Tap::relu4_1);
    EXPECT_NEAR(costs.content.item<double>(),
                content_cost(lifted(p.back(), last), lifted(c, last)).item<double>(),
                1e-4 * costs.content.item<double>());
    for (std::size_t i = 0; i < kPaintedTaps; ++i) {
      const Lift& lift = seen_by.lift(static_cast<net::Tap>(i));
      const Moments ours = lifted(moments(p[i]), lift);
      const Moments theirs = lifted(moments(s[i]), lift);
      const double gram = style_cost(ours, theirs, StyleLoss::gram).item<double>();
      EXPECT_NEAR(costs.style[i].item<double>(), gram, 1e-3 * gram + 1e-9) << i;
      const double spread = style_cost(ours, theirs, StyleLoss::mean_std).item<double>();
      EXPECT_NEAR(costs.statistics[i].item<double>(), spread, 1e-3 * spread + 1e-9) << i;
    }
  }
}

TEST_P(PainterLosses, AStyleUnchangedCostsOneForTheContent) {
  const at::NoGradGuard no_gradients;
  const auto of_content = taps(content);
  const auto of_style = taps(style);
  for (std::size_t n = 0; n < kPictures; ++n) {
    const auto& c = of_content[n];
    const PictureStatistics own = judge.statistics(c);
    const PictureStatistics wanted = judge.statistics(of_style[n]);
    const PaintingCosts unchanged = judge.unchanged(own, wanted);
    const RelativeCosts shown =
        relative_costs(judge.costs(of_style[n], wanted, c.back(), wanted), unchanged);
    // Expected over positions, so near one; and nothing of the style is missing.
    EXPECT_NEAR(shown.content.item<double>(), 1, 0.3);
    EXPECT_NEAR(shown.style.item<double>(), 0, 1e-6);
    EXPECT_NEAR(shown.statistics.item<double>(), 0, 1e-6);
    const RelativeCosts kept = relative_costs(judge.costs(c, own, c.back(), wanted), unchanged);
    EXPECT_NEAR(kept.content.item<double>(), 0, 1e-9);
    EXPECT_GT(kept.style.item<double>(), 0.5);
    EXPECT_LE(kept.style.item<double>(), 1 + 1e-6);
  }
}

/// Against differences: what training follows.
TEST_P(PainterLosses, GradientsReachThePicture) {
  const auto cost = [&](const at::Tensor& x) {
    const auto p = by_picture(judge.taps(x));
    const PictureStatistics theirs = judge.statistics(taps(style)[1]);
    const PaintingCosts costs =
        judge.costs(p[1], judge.statistics(p[1]), taps(content)[1].back(), theirs);
    at::Tensor sum = costs.content;
    for (std::size_t i = 0; i < kPaintedTaps; ++i) sum = sum + costs.style[i] + costs.statistics[i];
    return sum;
  };
  const at::Tensor x = painted.clone().requires_grad_(true);
  cost(x).backward();
  EXPECT_EQ(x.grad()[0].abs().max().item<double>(), 0);  // another picture
  const at::Tensor way = x.grad() / x.grad().norm();
  const torch::NoGradGuard no_gradients;
  constexpr double kStep = 3e-3;
  const double slope =
      (cost(painted + way * kStep) - cost(painted - way * kStep)).item<double>() / (2 * kStep);
  EXPECT_NEAR(slope, x.grad().norm().item<double>(), 0.02 * slope);
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
