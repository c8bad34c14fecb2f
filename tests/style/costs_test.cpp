#include <cmath>
#include <stdexcept>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/style/costs.h>

#include "style/expect_gradient.h"
#include "style/feature_maps.h"
#include "support/error_code.h"

namespace likeness {
namespace {

constexpr StyleLoss kOfMoments[] = {StyleLoss::gram, StyleLoss::mean_std, StyleLoss::covariance,
                                    StyleLoss::wasserstein};

at::Tensor matrix(std::initializer_list<double> values) {
  return at::tensor(at::ArrayRef<double>(values.begin(), values.size()), at::kDouble).view({2, 2});
}

at::Tensor vector(double a, double b) {
  return at::tensor({a, b}, at::kDouble);
}

double cost(const Moments& generated, const Moments& style, StyleLoss loss,
            GramScale scale = GramScale::mean) {
  return style_cost(generated, style, loss, scale).item<double>();
}

TEST(ContentCost, IsTheMeanSquaredDifference) {
  const at::Tensor a = at::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble).view({1, 2, 1, 2});
  const at::Tensor b = at::tensor({1.0, 0.0, 2.0, 1.0}, at::kDouble).view({1, 2, 1, 2});
  EXPECT_NEAR(content_cost(a, b).item<double>(), (4 + 1 + 9) / 4.0, 1e-12);
  const at::Tensor weights = vector(1, 0.5).view({1, 2});
  EXPECT_NEAR(content_cost(a, b, weights).item<double>(), (1 + 0.5 * (4 + 9)) / 3, 1e-12);
  EXPECT_NEAR(content_cost(a, b, at::ones({1, 2})).item<double>(), 14 / 4.0, 1e-12);
}

TEST(ContentCost, HasTheGradientOfItsDefinition) {
  const at::Tensor content = feature_map({1, 2, 3, 4}, 1);
  const at::Tensor weights = waves({3, 4}, 1).abs();
  for (const at::Tensor& mask : {at::Tensor(), weights})
    expect_gradient([&](const at::Tensor& x) { return content_cost(x, content, mask); },
                    feature_map({1, 2, 3, 4}));
}

TEST(ContentCost, OfBfloat16IsSummedInFloat) {
  const at::Tensor a = at::full({1, 1, 64, 64}, 1.0).to(at::kBFloat16);
  const at::Tensor cost = content_cost(a, at::zeros_like(a));
  EXPECT_EQ(cost.scalar_type(), at::kFloat);
  EXPECT_EQ(cost.item<float>(), 1);
  EXPECT_THROW(content_cost(a, at::zeros({1, 1, 64, 63})), std::logic_error);
}

TEST(StyleCost, ScalesGramDifferencesAsItSays) {
  const Moments generated{vector(0, 0), matrix({1, 2, 2, 5})};
  const Moments style{vector(0, 0), matrix({0, 0, 0, 2})};  // squares of differences: 1 + 8 + 9
  EXPECT_NEAR(cost(generated, style, StyleLoss::gram, GramScale::mean), 18 / 4.0, 1e-12);
  EXPECT_NEAR(cost(generated, style, StyleLoss::gram, GramScale::gatys), 18 / 16.0, 1e-12);
  EXPECT_NEAR(cost(generated, style, StyleLoss::gram, GramScale::neural_style), 18 / 16.0, 1e-12);
  const Moments three{at::zeros({3}), at::ones({3, 3})};
  const Moments none{at::zeros({3}), at::zeros({3, 3})};
  EXPECT_NEAR(cost(three, none, StyleLoss::gram, GramScale::gatys), 9 / 36.0, 1e-6);
  EXPECT_NEAR(cost(three, none, StyleLoss::gram, GramScale::neural_style), 9 / 81.0, 1e-6);
}

TEST(StyleCost, ComparesMeansWithDeviationsOrCovariances) {
  const Moments generated{vector(1, 2),
                          matrix({1 + 4, 2 + 1, 2 + 1, 4 + 9})};  // covariance 4 1 1 9
  const Moments style{vector(0, 4), matrix({1, 0, 0, 16 + 4})};   // 1 0 0 4
  EXPECT_NEAR(cost(generated, style, StyleLoss::mean_std), (1 + 4) / 2.0 + (1 + 1) / 2.0, 1e-4);
  EXPECT_NEAR(cost(generated, style, StyleLoss::covariance), (1 + 4) / 2.0 + (9 + 1 + 1 + 25) / 4.0,
              1e-12);
}

TEST(StyleCost, WassersteinOfCommutingGaussiansIsThatOfTheirDeviations) {
  const Moments generated{vector(1, 2), matrix({1 + 4, 2, 2, 4 + 9})};  // deviations 2 and 3
  const Moments style{vector(0, 4), matrix({1, 0, 0, 16 + 25})};        // 1 and 5
  EXPECT_NEAR(cost(generated, style, StyleLoss::wasserstein), (1 + 4 + 1 + 4) / 2.0, 1e-3);
}

TEST(StyleCost, WassersteinIsSymmetricWhereCovariancesDoNotCommute) {
  const Moments a = moments(feature_map({1, 4, 6, 7}, 0));
  const Moments b = moments(feature_map({1, 4, 6, 7}, 2));
  const double there = cost(a, b, StyleLoss::wasserstein);
  EXPECT_GT(there, 1e-3);
  EXPECT_NEAR(there, cost(b, a, StyleLoss::wasserstein), 1e-9);
}

TEST(StyleCost, IsZeroAtEqualityWithoutAGradient) {
  for (const StyleLoss loss : kOfMoments) {
    const at::Tensor x = feature_map({1, 4, 6, 7}).requires_grad_();
    const Moments of = moments(x);
    const at::Tensor zero = style_cost(of, {of.mean.detach(), of.second.detach()}, loss);
    EXPECT_NEAR(zero.item<double>(), 0, 1e-10) << to_string(loss);
    zero.backward();
    EXPECT_LT(x.grad().abs().max().item<double>(), 1e-10) << to_string(loss);
  }
}

TEST(StyleCost, HasTheGradientOfItsDefinition) {
  const Moments style = moments(feature_map({1, 3, 5, 4}, 2));
  for (const StyleLoss loss : kOfMoments)
    expect_gradient([&](const at::Tensor& x) { return style_cost(moments(x), style, loss); },
                    feature_map({1, 3, 4, 4}));
}

TEST(StyleCost, HasAFiniteGradientWhereActivationsAreZeroOrAllAlike) {
  const at::Tensor zero = at::zeros({1, 8, 6, 6});
  const at::Tensor one = at::ones({1, 8, 6, 6});
  const at::Tensor few = feature_map({1, 8, 1, 2}).to(at::kFloat);  // rank 1 in 8 channels
  for (const StyleLoss loss : kOfMoments)
    for (const at::Tensor& generated : {zero, one, few})
      for (const at::Tensor& style : {zero, one, few}) {
        const at::Tensor x = generated.detach().clone().requires_grad_();
        const at::Tensor cost = style_cost(moments(x), moments(style), loss);
        EXPECT_TRUE(std::isfinite(cost.item<float>())) << to_string(loss);
        EXPECT_EQ(cost.scalar_type(), at::kFloat);
        cost.backward();
        EXPECT_TRUE(x.grad().isfinite().all().item<bool>()) << to_string(loss);
      }
}

TEST(StyleCost, OfWhatIsNotFiniteIsNotFiniteAndNoError) {
  const Moments style = moments(feature_map({1, 3, 5, 4}));
  for (const StyleLoss loss : kOfMoments) {
    const Moments broken = moments(at::full({1, 3, 5, 4}, NAN));
    EXPECT_FALSE(std::isfinite(cost(broken, style, loss))) << to_string(loss);
  }
}

TEST(StyleCost, OfProjectionsNeedsMoreThanMoments) {
  const Moments of = moments(feature_map({1, 3, 5, 4}));
  EXPECT_THROW(style_cost(of, of, StyleLoss::sliced), std::logic_error);
}

TEST(StyleCost, NamesGoBothWays) {
  for (const char* name : {"gram", "mean-std", "covariance", "wasserstein", "sliced"})
    EXPECT_EQ(to_string(style_loss_from_name(name)), name);
  for (const char* name : {"mean", "gatys", "neural-style"})
    EXPECT_EQ(to_string(gram_scale_from_name(name)), name);
  EXPECT_EQ(code_of([] { style_loss_from_name("grams"); }), ErrorCode::invalid_argument);
  EXPECT_EQ(message_of([] { gram_scale_from_name("x"); }),
            "'x' is no scale of Gram matrices; there are mean, gatys, neural-style");
}

TEST(SlicedWasserstein, SortsProjectionsOfAHandComputedExample) {
  const at::Tensor x = at::tensor({3.0, 1.0, 2.0, 0.0, 5.0, 4.0}, at::kDouble).view({1, 2, 1, 3});
  const at::Tensor directions = matrix({1, 0, 0.6, 0.8});
  const SlicedStyle all = sliced_style(x, {}, directions, 3);
  const at::Tensor sorted = at::tensor({1.0, 2.0, 3.0, 1.8, 4.4, 4.6}, at::kDouble).view({2, 3});
  EXPECT_LT(largest_difference(all.quantiles, sorted), 1e-12);
  const at::Tensor y = at::tensor({2.0, 2.0, 2.0, 0.0, 0.0, 0.0}, at::kDouble).view({1, 2, 1, 3});
  const double along_first = 1 + 0 + 1;
  const double along_second = 0.6 * 0.6 + 3.2 * 3.2 + 3.4 * 3.4;
  EXPECT_NEAR(sliced_style_cost(y, {}, all).item<double>(), (along_first + along_second) / 6,
              1e-12);
}

TEST(SlicedWasserstein, IsZeroForTheSamePositionsInAnotherOrder) {
  const at::Tensor x = feature_map({1, 4, 6, 6});
  const at::Tensor directions = waves({5, 4}, 3);
  const SlicedStyle style = sliced_style(x, {}, directions, 36);
  EXPECT_NEAR(sliced_style_cost(x.flip({2}).transpose(2, 3), {}, style).item<double>(), 0, 1e-20);
}

TEST(SlicedWasserstein, ComparesPicturesOfOtherSizesByQuantiles) {
  const at::Tensor ramp = at::linspace(0, 1, 4096, at::kDouble).view({1, 1, 64, 64});
  const at::Tensor small = at::linspace(0, 1, 256, at::kDouble).view({1, 1, 16, 16});
  const at::Tensor direction = at::ones({1, 1}, at::kDouble);
  const SlicedStyle style = sliced_style(ramp, {}, direction, 128);
  EXPECT_EQ(style.quantiles.sizes(), at::IntArrayRef({1, 128}));
  EXPECT_NEAR(style.quantiles[0][0].item<double>(), 15.5 / 4095, 1e-12);
  EXPECT_LT(sliced_style_cost(small, {}, style).item<double>(), 1e-5);
  EXPECT_NEAR(sliced_style_cost(small + 0.5, {}, style).item<double>(), 0.25, 1e-3);
}

TEST(SlicedWasserstein, ProjectsLiftedActivations) {
  const at::Tensor x = feature_map({1, 3, 5, 4});
  const Lift lift = some_lift(3, 6);
  const at::Tensor directions = waves({4, 6}, 1);
  const SlicedStyle cheap = sliced_style(x, lift, directions, 20);
  const SlicedStyle direct = sliced_style(lifted(x, lift), {}, directions, 20);
  EXPECT_LT(largest_difference(cheap.quantiles, direct.quantiles), 1e-12);
  const at::Tensor y = feature_map({1, 3, 4, 4}, 1);
  EXPECT_NEAR(sliced_style_cost(y, lift, cheap).item<double>(),
              sliced_style_cost(lifted(y, lift), {}, direct).item<double>(), 1e-12);
}

TEST(SlicedWasserstein, HasTheGradientOfItsDefinition) {
  const Lift lift = some_lift(3, 4);
  const SlicedStyle style = sliced_style(feature_map({1, 3, 5, 4}, 2), lift, waves({2, 4}, 1), 10);
  expect_gradient([&](const at::Tensor& x) { return sliced_style_cost(x, lift, style); },
                  feature_map({1, 3, 3, 4}) + waves({1, 3, 3, 4}, 6) * 1e-2);  // without ties
}

TEST(Variation, AddsMeansAcrossAndDown) {
  const at::Tensor picture = at::tensor({0.0, 1.0, 3.0, 2.0}, at::kDouble).view({1, 1, 2, 2});
  EXPECT_NEAR(total_variation(picture).item<double>(), (1 + 1) / 2.0 + (3 + 1) / 2.0, 1e-12);
  EXPECT_NEAR(squared_variation(picture).item<double>(), (1 + 1) / 2.0 + (9 + 1) / 2.0, 1e-12);
}

TEST(Variation, HasTheGradientOfItsDefinition) {
  for (const auto& shape : {std::vector<std::int64_t>{1, 3, 4, 5}, {1, 3, 1, 5}, {1, 3, 5, 1}}) {
    expect_gradient([](const at::Tensor& x) { return squared_variation(x); }, waves(shape, 1));
    expect_gradient([](const at::Tensor& x) { return total_variation(x); }, waves(shape, 1));
  }
}

TEST(Variation, OfOnePixelIsZero) {
  const at::Tensor x = at::ones({1, 3, 1, 1}).requires_grad_();
  EXPECT_EQ(total_variation(x).item<float>(), 0);
  EXPECT_EQ(squared_variation(x).item<float>(), 0);
}

}  // namespace
}  // namespace likeness
