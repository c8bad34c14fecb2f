#include <stdexcept>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/style/costs.h>

#include "style/expect_gradient.h"
#include "style/feature_maps.h"

namespace likeness {
namespace {

class LiftedCosts : public ::testing::Test {
 protected:
  const Lift lift_ = some_lift(3, 5);
  const LiftMetric metric_ = metric_of(lift_, 3);
  const at::Tensor a_ = feature_map({1, 3, 4, 5});
  const at::Tensor b_ = feature_map({1, 3, 4, 5}, 2);
};

TEST_F(LiftedCosts, OfContentAreThoseOfLiftedActivations) {
  EXPECT_EQ(metric_.channels, 5);
  const double expected = content_cost(lifted(a_, lift_), lifted(b_, lift_)).item<double>();
  EXPECT_NEAR(lifted_content_cost(a_, b_, metric_).item<double>(), expected, 1e-12 * expected);
  EXPECT_EQ(lifted_content_cost(a_, a_, metric_).item<double>(), 0);
}

TEST_F(LiftedCosts, OfGramMatricesAreThoseOfLiftedMoments) {
  const Moments a = moments(a_);
  const Moments b = moments(b_);
  for (const GramScale scale : {GramScale::mean, GramScale::gatys, GramScale::neural_style}) {
    const double expected =
        style_cost(lifted(a, lift_), lifted(b, lift_), StyleLoss::gram, scale).item<double>();
    EXPECT_NEAR(lifted_gram_cost(a, b, metric_, scale).item<double>(), expected, 1e-12 * expected)
        << to_string(scale);
  }
  EXPECT_EQ(lifted_gram_cost(a, a, metric_).item<double>(), 0);
}

TEST_F(LiftedCosts, HaveTheGradientsOfTheirDefinitions) {
  const Moments style = moments(b_);
  expect_gradient([&](const at::Tensor& x) { return lifted_content_cost(x, b_, metric_); }, a_);
  expect_gradient([&](const at::Tensor& x) { return lifted_gram_cost(moments(x), style, metric_); },
                  a_);
}

TEST_F(LiftedCosts, AreThePlainOnesWithoutALift) {
  const LiftMetric plain = metric_of({}, 3);
  EXPECT_EQ(plain.channels, 3);
  EXPECT_EQ(lifted_content_cost(a_, b_, plain).item<double>(), content_cost(a_, b_).item<double>());
  EXPECT_EQ(lifted_gram_cost(moments(a_), moments(b_), plain).item<double>(),
            style_cost(moments(a_), moments(b_), StyleLoss::gram).item<double>());
}

TEST_F(LiftedCosts, WantAsManyChannelsAsTheLiftTakes) {
  EXPECT_THROW(metric_of(lift_, 4), std::logic_error);
  EXPECT_THROW(lifted_content_cost(a_, feature_map({1, 3, 5, 4}), metric_), std::logic_error);
  EXPECT_THROW(lifted_gram_cost(moments(a_), moments(feature_map({1, 2, 4, 5})), metric_),
               std::logic_error);
}

}  // namespace
}  // namespace likeness
