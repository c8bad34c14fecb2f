#include <cmath>
#include <limits>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/style/picture_optimiser.h>

#include "style/across_scales.h"

namespace likeness {
namespace {

/// A badly scaled parabola whose minimum lies outside of [0, 1] for some values.
struct Parabola {
  at::Tensor minimum;
  at::Tensor scale;

  static Parabola make(std::int64_t side) {
    at::manual_seed(5);
    return {.minimum = at::rand({1, 3, side, side}) * 1.4 - 0.2,
            .scale = at::exp(at::rand({1, 3, side, side}) * 4)};
  }
  CostGradient operator()(const at::Tensor& x) const {
    const at::Tensor d = x - minimum;
    return {.value = (scale * d * d).sum().item<double>(), .gradient = 2 * scale * d};
  }
  at::Tensor best() const { return minimum.clamp(0, 1); }
};

class Optimisers : public testing::TestWithParam<PictureMethod> {};

TEST_P(Optimisers, FindTheBestPictureInsideTheBox) {
  const Parabola cost = Parabola::make(8);
  const auto optimiser = make_picture_optimiser({.method = GetParam(), .average = 0.9});
  at::Tensor picture = at::full({1, 3, 8, 8}, 0.5);
  for (int i = 0; i < 400; ++i) {
    optimiser->step(picture, cost);
    EXPECT_GE(picture.min().item<float>(), 0);
    EXPECT_LE(picture.max().item<float>(), 1);
  }
  EXPECT_LT((optimiser->result(picture) - cost.best()).abs().max().item<float>(), 0.02);
}

TEST_P(Optimisers, GoOnFromTheirStateAsIfNeverStopped) {
  const Parabola cost = Parabola::make(6);
  const auto one = make_picture_optimiser({.method = GetParam()});
  at::Tensor straight = at::full({1, 3, 6, 6}, 0.5);
  for (int i = 0; i < 8; ++i) one->step(straight, cost);
  const auto two = make_picture_optimiser({.method = GetParam()});
  at::Tensor picture = at::full({1, 3, 6, 6}, 0.5);
  for (int i = 0; i < 5; ++i) two->step(picture, cost);
  const auto three = make_picture_optimiser({.method = GetParam()});
  three->restore(two->state());
  for (int i = 0; i < 3; ++i) three->step(picture, cost);
  EXPECT_TRUE(at::equal(three->result(picture), one->result(straight)));
}

TEST_P(Optimisers, TakeTheSameStepWhenItIsTheLast) {
  const Parabola cost = Parabola::make(6);
  const PictureValue value = [&](const at::Tensor& x) { return cost(x).value; };
  const auto one = make_picture_optimiser({.method = GetParam()});
  const auto two = make_picture_optimiser({.method = GetParam()});
  at::Tensor any = at::full({1, 3, 6, 6}, 0.5);
  at::Tensor last = any;
  PictureStep expected;
  for (int i = 0; i < 4; ++i) expected = one->step(any, cost);
  for (int i = 0; i < 3; ++i) two->step(last, cost);
  const PictureStep step = two->last_step(last, cost, value);
  EXPECT_EQ(step.value, expected.value);
  EXPECT_EQ(step.moved, expected.moved);
  EXPECT_TRUE(two->result(last).equal(one->result(any)));
  EXPECT_LT(two->step(last, cost).value, step.value) << "it can be gone on from all the same";
}

TEST(Lbfgs, NeedsNoGradientAtTheEndOfItsLastStep) {
  const Parabola parabola = Parabola::make(6);
  int gradients = 0;
  int values = 0;
  const PictureCost cost = [&](const at::Tensor& x) {
    ++gradients;
    return parabola(x);
  };
  const PictureValue value = [&](const at::Tensor& x) {
    ++values;
    return parabola(x).value;
  };
  const auto optimiser = make_picture_optimiser({});
  at::Tensor picture = at::full({1, 3, 6, 6}, 0.5);
  optimiser->last_step(picture, cost, value);
  EXPECT_EQ(gradients, 1) << "where it began";
  EXPECT_GE(values, 1);
  EXPECT_FALSE(optimiser->new_cost().gradient.defined());
}

TEST_P(Optimisers, RefuseTheStateOfAnotherMethodAndACostThatIsNoNumber) {
  const bool lbfgs = GetParam() == PictureMethod::lbfgs;
  const auto other =
      make_picture_optimiser({.method = lbfgs ? PictureMethod::adam : PictureMethod::lbfgs});
  const auto optimiser = make_picture_optimiser({.method = GetParam()});
  EXPECT_THROW(optimiser->restore(other->state()), Error);
  at::Tensor picture = at::full({1, 3, 4, 4}, 0.5);
  EXPECT_THROW(optimiser->step(picture,
                               [](const at::Tensor& x) {
                                 return CostGradient{.value = std::nan(""),
                                                     .gradient = at::zeros_like(x)};
                               }),
               Error);
  EXPECT_TRUE(at::equal(picture, at::full({1, 3, 4, 4}, 0.5)));
}

TEST_P(Optimisers, CarryOnAtAnotherSize) {
  const auto optimiser = make_picture_optimiser({.method = GetParam()});
  at::Tensor picture = at::full({1, 3, 6, 6}, 0.5);
  const Parabola small = Parabola::make(6);
  for (int i = 0; i < 5; ++i) optimiser->step(picture, small);
  optimiser->resize(12, 10);
  picture = at::full({1, 3, 12, 10}, 0.5);
  const auto cost = [](const at::Tensor& x) {
    const at::Tensor d = x - 0.25;
    return CostGradient{.value = (d * d).sum().item<double>(), .gradient = 2 * d};
  };
  const double before = cost(picture).value;
  for (int i = 0; i < 400; ++i) optimiser->step(picture, cost);
  EXPECT_LT(cost(picture).value, 0.01 * before);
}

INSTANTIATE_TEST_SUITE_P(Methods, Optimisers,
                         testing::Values(PictureMethod::lbfgs, PictureMethod::adam),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(Lbfgs, NeverLetsTheCostRise) {
  // Rosenbrock's valley in pairs of values, inside the box.
  const PictureCost cost = [](const at::Tensor& picture) {
    const at::Tensor x = picture.flatten().slice(0, 0, {}, 2);
    const at::Tensor y = picture.flatten().slice(0, 1, {}, 2);
    const at::Tensor bend = y - x * x;
    at::Tensor gradient = at::zeros_like(picture);
    gradient.flatten().slice(0, 0, {}, 2).copy_(2 * (x - 0.8) - 400 * x * bend);
    gradient.flatten().slice(0, 1, {}, 2).copy_(200 * bend);
    const at::Tensor value = ((x - 0.8) * (x - 0.8) + 100 * bend * bend).sum();
    return CostGradient{.value = value.item<double>(), .gradient = gradient};
  };
  const auto optimiser = make_picture_optimiser({});
  at::Tensor picture = at::linspace(0, 1, 48).view({1, 3, 4, 4});
  double before = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 200; ++i) {
    const PictureStep step = optimiser->step(picture, cost);
    EXPECT_LE(step.value, before);
    before = step.value;
  }
  EXPECT_LT(before, 1e-3);
}

TEST(Lbfgs, StepsBackFromACostThatIsNotFinite) {
  // Defined left of 0.6 alone; the minimum lies at 0.5.
  const PictureCost cost = [](const at::Tensor& x) {
    const bool inside = x.max().item<float>() < 0.6;
    const at::Tensor d = x - 0.5;
    return CostGradient{.value = inside ? (d * d).sum().item<double>() : INFINITY,
                        .gradient = inside ? 2 * d : at::full_like(x, NAN)};
  };
  const auto optimiser = make_picture_optimiser({});
  at::Tensor picture = at::zeros({1, 3, 2, 2});
  for (int i = 0; i < 30; ++i) optimiser->step(picture, cost);
  EXPECT_LT((picture - 0.5).abs().max().item<float>(), 1e-3);
}

TEST(Lbfgs, SaysWhenNothingIsLeftToGain) {
  const auto optimiser = make_picture_optimiser({});
  at::Tensor picture = at::zeros({1, 3, 2, 2});
  const PictureStep step = optimiser->step(picture, [](const at::Tensor& x) {
    return CostGradient{.value = x.sum().item<double>(), .gradient = at::ones_like(x)};
  });
  EXPECT_FALSE(step.moved);
  EXPECT_EQ(picture.sum().item<float>(), 0);
}

TEST(AcrossScales, IsSymmetricAndPositiveAndMovesWhatIsLargeFurther) {
  at::manual_seed(7);
  const at::Tensor a = at::randn({1, 3, 37, 50}, at::kDouble);
  const at::Tensor b = at::randn({1, 3, 37, 50}, at::kDouble);
  const auto product = [](const at::Tensor& x, const at::Tensor& y) {
    return (x * y).sum().item<double>();
  };
  EXPECT_NEAR(product(a, across_scales(b)), product(across_scales(a), b), 1e-9);
  EXPECT_GE(product(a, across_scales(a)), product(a, a));
  // One value all over, of sides that each scale divides: itself, and twice at each of three
  // scales.
  const at::Tensor flat = at::full({1, 3, 64, 96}, 0.5);
  EXPECT_LT((across_scales(flat) - 7 * flat).abs().max().item<float>(), 1e-5);
  // What changes from pixel to pixel is nearly left as it is.
  const at::Tensor fine = flat * (1 - 2 * at::arange(96).remainder(2));
  EXPECT_LT((across_scales(fine) - fine).abs().mean().item<float>(), 0.05);
}

TEST(AcrossScales, RoundsTheSameInEveryLayout) {
  at::manual_seed(8);
  const at::Tensor x = at::randn({1, 3, 48, 64});
  const at::Tensor y = across_scales(x.contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::equal(across_scales(x), y));
  EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(Lbfgs, FindsWhatIsLargeInFewSteps) {
  // The cost of a shallow slope: fine differences cost hundreds of times as much as the whole.
  at::manual_seed(9);
  const at::Tensor wanted = at::rand({1, 3, 1, 1}).expand({1, 3, 64, 64}).contiguous();
  const PictureCost cost = [&](const at::Tensor& x) {
    const at::Tensor d = x - wanted;
    const at::Tensor large =
        at::avg_pool2d(d, {8, 8}).repeat_interleave(8, 2).repeat_interleave(8, 3);
    const at::Tensor fine = d - large;
    return CostGradient{.value = (large * large + 100 * fine * fine).sum().item<double>(),
                        .gradient = 2 * large + 200 * fine};
  };
  const auto optimiser = make_picture_optimiser({});
  at::Tensor picture = at::rand({1, 3, 64, 64}) * 0.1 + 0.45;
  const double before = cost(picture).value;
  for (int i = 0; i < 8; ++i) optimiser->step(picture, cost);
  EXPECT_LT(cost(picture).value, 1e-4 * before);
}

}  // namespace
}  // namespace likeness
