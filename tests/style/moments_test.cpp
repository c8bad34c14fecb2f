#include <cmath>
#include <stdexcept>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/style/moments.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "style/feature_maps.h"
#include "style/positions.h"
#include "support/numerical_gradient.h"

namespace likeness {
namespace {

/// Two channels at three positions: (1, 0), (2, 1), (0, 5).
at::Tensor three_positions() {
  return at::tensor({1.0F, 2.0F, 0.0F, 0.0F, 1.0F, 5.0F}).view({1, 2, 1, 3});
}

at::Tensor float_matrix(std::initializer_list<float> values) {
  return at::tensor(at::ArrayRef<float>(values.begin(), values.size())).view({2, 2});
}

/// A scalar that depends on every entry of both moments, each in its own way.
at::Tensor mixed(const Moments& of) {
  return (of.mean * waves(of.mean.sizes(), 2)).sum() +
         (of.second * waves(of.second.sizes(), 4)).sum() + of.second.square().sum();
}

TEST(Moments, AreThoseOfAHandComputedExample) {
  const Moments of = moments(three_positions());
  EXPECT_LT(largest_difference(of.mean, at::tensor({1.0F, 2.0F})), 1e-6);
  EXPECT_LT(largest_difference(of.second * 3, float_matrix({5, 2, 2, 26})), 1e-5);
  EXPECT_LT(largest_difference(covariance(of) * 3, float_matrix({2, -4, -4, 14})), 1e-5);
  const at::Tensor expected = at::tensor({2 / 3.0 + 1e-5, 14 / 3.0 + 1e-5}).sqrt();
  EXPECT_LT(largest_difference(standard_deviation(of), expected), 1e-6);
}

TEST(Moments, CountPositionsByTheirWeights) {
  const Moments of = moments(three_positions(), at::tensor({1.0F, 0.5F, 0.0F}).view({1, 3}));
  EXPECT_LT(largest_difference(of.mean * 1.5, at::tensor({2.0F, 0.5F})), 1e-6);
  EXPECT_LT(largest_difference(of.second * 1.5, float_matrix({3, 1, 1, 0.5F})), 1e-6);
}

TEST(Moments, GramMatrixIsSymmetricWithoutNegativeEigenvalues) {
  const at::Tensor gram = moments(feature_map({1, 6, 5, 7})).second;
  EXPECT_LT(largest_difference(gram, gram.t()), 1e-12);
  EXPECT_GE(at::linalg_eigvalsh(gram).min().item<double>(), -1e-12);
}

TEST(Moments, OfAPictureAreThoseOfItsPartsAddedUp) {
  const at::Tensor whole = feature_map({1, 4, 10, 6});
  const Moments upper = moments(whole.narrow(2, 0, 3));
  const Moments lower = moments(whole.narrow(2, 3, 7));
  const Moments of = moments(whole);
  EXPECT_LT(largest_difference(of.mean, upper.mean * 0.3 + lower.mean * 0.7), 1e-12);
  EXPECT_LT(largest_difference(of.second, upper.second * 0.3 + lower.second * 0.7), 1e-12);
}

TEST(Moments, UnderAMaskAreThoseOfTheCrop) {
  const at::Tensor whole = feature_map({1, 4, 10, 6});
  at::Tensor mask = at::zeros({10, 6});
  mask.narrow(0, 2, 5).narrow(1, 1, 4).fill_(1);
  const Moments masked = moments(whole, mask);
  const Moments cropped = moments(whole.narrow(2, 2, 5).narrow(3, 1, 4));
  EXPECT_LT(largest_difference(masked.mean, cropped.mean), 1e-12);
  EXPECT_LT(largest_difference(masked.second, cropped.second), 1e-12);
}

TEST(Moments, LiftedAreThoseOfLiftedActivations) {
  const at::Tensor features = feature_map({1, 3, 4, 5});
  const Lift lift = some_lift(3, 6);
  const at::Tensor high = lifted(features, lift);
  EXPECT_EQ(high.sizes(), at::IntArrayRef({1, 6, 4, 5}));
  const at::Tensor one = at::mv(lift.matrix, features[0].select(1, 2).select(1, 3)) + lift.offset;
  EXPECT_LT(largest_difference(high[0].select(1, 2).select(1, 3), one), 1e-12);
  const Moments direct = moments(high);
  const Moments cheap = lifted(moments(features), lift);
  EXPECT_LT(largest_difference(cheap.mean, direct.mean), 1e-12);
  EXPECT_LT(largest_difference(cheap.second, direct.second), 1e-12);
}

TEST(Moments, TheIdentityLiftsNothing) {
  const at::Tensor features = feature_map({1, 3, 4, 5});
  EXPECT_TRUE(at::equal(lifted(features, Lift{}), features));
  EXPECT_TRUE(at::equal(lifted(moments(features), Lift{}).second, moments(features).second));
}

TEST(Moments, HaveTheGradientOfTheirDefinition) {
  const at::Tensor weights = waves({3, 4}, 1).abs();
  for (const at::Tensor& mask : {at::Tensor(), weights}) {
    const at::Tensor x = feature_map({1, 3, 3, 4}).requires_grad_();
    const auto f = [&](const at::Tensor& point) { return mixed(moments(point, mask)); };
    f(x).backward();
    const at::Tensor expected = numerical_gradient(
        [&](const at::Tensor& point) { return f(point).item<double>(); }, x.detach());
    EXPECT_LT(largest_difference(x.grad(), expected), 1e-7);
  }
}

TEST(Moments, DerivedValuesHaveTheGradientOfTheirDefinition) {
  const Lift lift = some_lift(3, 4);
  const at::Tensor x = feature_map({1, 3, 3, 4}).requires_grad_();
  const auto f = [&](const at::Tensor& point) {
    const Moments high = lifted(moments(point), lift);
    return (standard_deviation(high) * waves({4}, 1)).sum() +
           (covariance(high) * waves({4, 4}, 2)).sum();
  };
  f(x).backward();
  const at::Tensor expected = numerical_gradient(
      [&](const at::Tensor& point) { return f(point).item<double>(); }, x.detach());
  EXPECT_LT(largest_difference(x.grad(), expected), 1e-7);
}

TEST(Moments, CanBeDifferentiatedTwice) {
  const at::Tensor x = feature_map({1, 3, 3, 4}).requires_grad_();
  const at::Tensor along = waves({1, 3, 3, 4}, 5);
  const auto slope = [&](const at::Tensor& point) {
    return (torch::autograd::grad({mixed(moments(point))}, {point}, {}, true, true)[0] * along)
        .sum();
  };
  const at::Tensor second = torch::autograd::grad({slope(x)}, {x})[0];
  const at::Tensor expected = numerical_gradient(
      [&](const at::Tensor& point) { return slope(point.clone().requires_grad_()).item<double>(); },
      x.detach());
  EXPECT_LT(largest_difference(second, expected), 1e-6);
}

TEST(Moments, OfBfloat16AreSummedInFloat) {
  const at::Tensor exact = feature_map({1, 4, 40, 50}).to(at::kBFloat16);
  const at::Tensor x = exact.detach().requires_grad_();
  const Moments of = moments(x);
  const Moments expected = moments(exact.to(at::kDouble));
  EXPECT_EQ(of.second.scalar_type(), at::kFloat);
  EXPECT_LT(largest_difference(of.second, expected.second), 1e-5);
  EXPECT_LT(largest_difference(of.mean, expected.mean), 1e-5);
  of.second.sum().backward();
  EXPECT_EQ(x.grad().scalar_type(), at::kBFloat16);
  EXPECT_GT(x.grad().abs().max().item<float>(), 0);
}

TEST(Moments, LookAtChannelsLastActivationsWithoutACopy) {
  const at::Tensor features = feature_map({1, 4, 5, 6});
  EXPECT_EQ(positions(features).data_ptr(), features.data_ptr());
  EXPECT_EQ(positions(features).sizes(), at::IntArrayRef({30, 4}));
}

TEST(Moments, OfAConstantHaveADeviationThatIsANumberWithAFiniteGradient) {
  const at::Tensor x = at::full({1, 2, 64, 64}, 0.1F).requires_grad_();
  const at::Tensor deviation = standard_deviation(moments(x));
  EXPECT_NEAR(deviation.max().item<double>(), std::sqrt(1e-5), 1e-4);
  deviation.sum().backward();
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

TEST(Moments, WantWeightsOfTheirSize) {
  EXPECT_THROW(moments(three_positions(), at::ones({3, 1})), std::logic_error);
  EXPECT_THROW(moments(at::ones({2, 3, 4, 4})), std::logic_error);
}

}  // namespace
}  // namespace likeness
