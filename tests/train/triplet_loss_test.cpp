#include <cmath>
#include <functional>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/triplet_loss.h>

#include "support/numerical_gradient.h"

namespace likeness {
namespace {

at::Tensor row(std::initializer_list<double> values) {
  return at::tensor(at::ArrayRef<double>(values.begin(), values.size()), at::kDouble);
}

at::Tensor stacked(std::initializer_list<at::Tensor> list) {
  return at::stack(at::ArrayRef<at::Tensor>(list.begin(), list.size()));
}

/// Points of the unit sphere, always the same ones.
at::Tensor points_on_sphere(std::int64_t count, std::int64_t dimensions, double phase) {
  const at::Tensor angles = at::arange(count * dimensions, at::kDouble) * 1.7 + phase;
  const at::Tensor points = angles.sin().view({count, dimensions}) + 0.1;
  return points / points.norm(2, 1, true);
}

TEST(TripletLoss, IsFaceNetsEquationOnAHandComputedBatch) {
  // d_ap = 2, d_an = 4: satisfied. d_ap = 2, d_an = 2: the margin. d_ap = 4, d_an = 2: 2.2.
  const at::Tensor anchor = stacked({row({1, 0}), row({1, 0}), row({1, 0})});
  const at::Tensor positive = stacked({row({0, 1}), row({0, 1}), row({-1, 0})});
  const at::Tensor negative = stacked({row({-1, 0}), row({0, -1}), row({0, 1})});
  const auto loss = [&](TripletReduction reduction) {
    return triplet_loss(anchor, positive, negative, {.margin = 0.2, .reduction = reduction})
        .item<double>();
  };
  EXPECT_NEAR(loss(TripletReduction::sum), 2.4, 1e-12);
  EXPECT_NEAR(loss(TripletReduction::mean), 0.8, 1e-12);
  EXPECT_NEAR(loss(TripletReduction::mean_active), 1.2, 1e-12);
}

TEST(TripletLoss, IsZeroWhenTheNegativeLiesBeyondTheMargin) {
  const at::Tensor anchor = row({1, 0}).unsqueeze(0).requires_grad_();
  const at::Tensor loss =
      triplet_loss(anchor, row({1, 0}).unsqueeze(0), row({0, 1}).unsqueeze(0), {.margin = 1.9});
  EXPECT_EQ(loss.item<double>(), 0);
  loss.backward();
  EXPECT_EQ(anchor.grad().abs().sum().item<double>(), 0);
}

TEST(TripletLoss, LeavesATripletThatLiesExactlyOnTheMarginInPeace) {
  const at::Tensor anchor = row({1, 0}).unsqueeze(0).requires_grad_();
  const at::Tensor loss =
      triplet_loss(anchor, row({1, 0}).unsqueeze(0), row({0, 1}).unsqueeze(0), {.margin = 2});
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0);
  EXPECT_EQ(anchor.grad().abs().sum().item<double>(), 0);
}

TEST(TripletLoss, SoftMarginIsTheSoftplusOfTheDifference) {
  const at::Tensor positive = row({0.3, 2.0});
  const at::Tensor negative = row({1.3, 0.5});
  const double plain =
      triplet_loss_of_distances(positive, negative, {.soft_margin = true}).item<double>();
  EXPECT_NEAR(plain, (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(1.5))) / 2, 1e-12);
  const double sharp =
      triplet_loss_of_distances(positive, negative, {.soft_margin = true, .sharpness = 4})
          .item<double>();
  EXPECT_NEAR(sharp, (std::log1p(std::exp(-4.0)) + std::log1p(std::exp(6.0))) / 8, 1e-12);
}

TEST(TripletLoss, OfNoTripletsIsZeroWithAGradientOfZero) {
  for (const auto reduction :
       {TripletReduction::mean, TripletReduction::mean_active, TripletReduction::sum}) {
    const at::Tensor points = points_on_sphere(3, 4, 0).requires_grad_();
    const at::Tensor none = points.narrow(0, 0, 0);
    const at::Tensor loss = triplet_loss(none, none, none, {.reduction = reduction});
    loss.backward();
    EXPECT_EQ(loss.item<double>(), 0);
    EXPECT_EQ(points.grad().abs().sum().item<double>(), 0);
  }
}

TEST(TripletLoss, GradientsAreTheNumericalOnes) {
  const at::Tensor start = at::stack(
      {points_on_sphere(6, 5, 0), points_on_sphere(6, 5, 2), points_on_sphere(6, 5, 1.7)});
  for (const bool soft : {false, true}) {
    for (const auto reduction :
         {TripletReduction::mean, TripletReduction::mean_active, TripletReduction::sum}) {
      const TripletLossOptions options{
          .margin = 0.3, .soft_margin = soft, .sharpness = 2, .reduction = reduction};
      const auto loss = [&](const at::Tensor& x) {
        return triplet_loss(x[0], x[1], x[2], options);
      };
      const at::Tensor x = start.clone().requires_grad_();
      loss(x).backward();
      const at::Tensor expected =
          numerical_gradient([&](const at::Tensor& at) { return loss(at).item<double>(); }, start);
      EXPECT_GT(expected.abs().max().item<double>(), 0.01);
      EXPECT_LT((x.grad() - expected).abs().max().item<double>(), 1e-7);
    }
  }
}

TEST(SquaredDistances, AreThoseOfEachPairOfRows) {
  const at::Tensor a = points_on_sphere(4, 3, 0);
  const at::Tensor b = points_on_sphere(5, 3, 1);
  const at::Tensor expected = (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(2);
  EXPECT_EQ(squared_distances(a, b).sizes(), expected.sizes());
  EXPECT_LT((squared_distances(a, b) - expected).abs().max().item<double>(), 1e-12);
  const at::Tensor single = squared_distances(a.to(at::kFloat), a.to(at::kFloat));
  EXPECT_EQ(single.scalar_type(), at::kFloat);
  EXPECT_GE(single.min().item<double>(), 0);
  EXPECT_LT(single.diagonal().max().item<double>(), 2e-6);
}

TEST(SquaredDistances, GradientsAreTheNumericalOnes) {
  const at::Tensor weights = (at::arange(16, at::kDouble) * 0.7).cos().view({4, 4});
  for (const bool root : {false, true}) {
    const auto f = [&](const at::Tensor& x) {
      const at::Tensor squared = squared_distances(x, points_on_sphere(4, 3, 1));
      return ((root ? euclidean_distances(squared) : squared) * weights).sum();
    };
    const at::Tensor x = points_on_sphere(4, 3, 0).requires_grad_();
    f(x).backward();
    const at::Tensor expected = numerical_gradient(
        [&](const at::Tensor& at) { return f(at).item<double>(); }, points_on_sphere(4, 3, 0));
    EXPECT_LT((x.grad() - expected).abs().max().item<double>(), 1e-7) << root;
  }
}

TEST(SquaredDistances, OfEqualRowsHaveAFiniteGradientOfZero) {
  for (const bool root : {false, true}) {
    const at::Tensor x = points_on_sphere(1, 8, 0).to(at::kFloat).repeat({3, 1}).requires_grad_();
    const at::Tensor squared = squared_distances(x, x);
    (root ? euclidean_distances(squared) : squared).sum().backward();
    EXPECT_LT(x.grad().abs().max().item<double>(), 1e-5) << root;
  }
}

TEST(EuclideanDistances, AreRootsAndZeroWhereNothingIsApart) {
  const at::Tensor roots = euclidean_distances(row({0, 1e-13, 0.25, 4}));
  const at::Tensor expected = row({0, 0, 0.5, 2});
  EXPECT_LT((roots - expected).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace likeness
