#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/train/projection_head.h>
#include <likeness/train/triplet_loss.h>
#include <torch/types.h>

#include "support/error_code.h"
#include "support/numerical_gradient.h"

namespace likeness {
namespace {

using Labels = std::vector<std::int64_t>;

ModelEntry base(const std::string& id = "base") {
  ModelEntry entry;
  entry.id = id;
  entry.input = "32x32 RGB";
  return entry;
}

at::Tensor rows(const std::vector<float>& numbers, std::int64_t dimensions) {
  return at::tensor(numbers).view({-1, dimensions});
}

void expect_close(const at::Tensor& found, const at::Tensor& expected, double tolerance = 1e-6) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LT((found - expected).abs().max().item<double>(), tolerance) << found << expected;
}

/// Person 0 differs from the mean by (±1, 0), person 1 by (0, ±2): S = diag(1/2, 2).
const at::Tensor kEncodings = rows({2, 0, 0, 0, 5, 2, 5, -2}, 2);
const Labels kPeople = {0, 0, 1, 1};

TEST(WithinClassWhitening, IsTheInverseRootOfTheCovarianceWithTheNormOfTheIdentity) {
  // diag(√2, 1/√2) has the squared norm 5/2, the identity 2.
  const double factor = std::sqrt(2 / 2.5);
  const at::Tensor expected = at::diag(at::tensor({std::sqrt(2.0), std::sqrt(0.5)}) * factor);
  expect_close(within_class_whitening(kEncodings, kPeople, 0), expected.to(at::kFloat));
}

TEST(WithinClassWhitening, ShrinksTowardsTheIdentity) {
  // (1/2)·diag(1/2, 2) + (1/2)·(5/4)·I = diag(7/8, 13/8).
  const at::Tensor root = at::diag(at::tensor({std::sqrt(8 / 7.0), std::sqrt(8 / 13.0)}));
  const at::Tensor expected = root * std::sqrt(2.0) / root.norm();
  expect_close(within_class_whitening(kEncodings, kPeople, 0.5), expected.to(at::kFloat));
  expect_close(within_class_whitening(kEncodings, kPeople, 1), identity_map(2));
}

TEST(WithinClassWhitening, WhitensDirectionsThatAreNoAxes) {
  // The same turned by 45°.
  const double c = std::sqrt(0.5);
  const at::Tensor turn = at::tensor({c, -c, c, c}).to(at::kFloat).view({2, 2});
  const at::Tensor plain = within_class_whitening(kEncodings, kPeople, 0.2);
  expect_close(within_class_whitening(kEncodings.mm(turn.t()), kPeople, 0.2),
               turn.mm(plain).mm(turn.t()));
}

TEST(WithinClassWhitening, SomeoneWithASinglePictureSaysNothing) {
  const at::Tensor more = at::cat({kEncodings, rows({9, 9}, 2)});
  expect_close(within_class_whitening(more, Labels{0, 0, 1, 1, 7}, 0.3),
               within_class_whitening(kEncodings, kPeople, 0.3));
}

TEST(WithinClassWhitening, RefusesWhatCannotBeWhitened) {
  const auto refused = [](const at::Tensor& encodings, const Labels& labels, double shrinkage) {
    const auto whiten = [&] { within_class_whitening(encodings, labels, shrinkage); };
    EXPECT_EQ(code_of(whiten), ErrorCode::invalid_argument);
    return message_of(whiten);
  };
  EXPECT_NE(refused(kEncodings, kPeople, 1.5).find("--shrinkage 1.5"), std::string::npos);
  EXPECT_NE(refused(kEncodings, kPeople, -0.1).find("--shrinkage"), std::string::npos);
  refused(kEncodings, kPeople, std::nan(""));
  EXPECT_NE(refused(kEncodings, Labels{0, 1, 2, 3}, 0.3).find("no identity"), std::string::npos);
  EXPECT_NE(refused(rows({1, 2, 1, 2}, 2), Labels{0, 0}, 0.3).find("no identity"),
            std::string::npos);
  const std::string flat = refused(rows({2, 0, 0, 0}, 2), Labels{0, 0}, 0);
  EXPECT_NE(flat.find("too small"), std::string::npos) << "one direction alone was seen";
}

std::unique_ptr<SiameseNetwork> head(const at::Tensor& start, double keep, bool bias = false) {
  return projection_head(base(), {.start = start, .start_name = "test", .bias = bias, .keep = keep},
                         c10::kCPU);
}

at::Tensor& parameter(SiameseNetwork& network, const std::string& name) {
  return network.module().named_parameters()[name];
}

TEST(ProjectionHead, StartsWhereItIsToldTo) {
  const at::Tensor start = rows({1, 2, 3, 4}, 2);
  const auto network = head(start, 0, true);
  EXPECT_EQ(network->dimensions(), 2);
  expect_close(network->encode(rows({1, 10}, 2)), rows({21, 43}, 2));
  EXPECT_FALSE(network->penalty({}, {}).defined());
}

TEST(ProjectionHead, ThePenaltyIsTheSquaredDistanceFromTheStart) {
  const auto network = head(identity_map(2), 0.5);
  EXPECT_EQ(network->penalty({}, {}).item<float>(), 0);
  {
    const torch::NoGradGuard no_gradients;
    parameter(*network, "weight").add_(rows({1, -2, 0, 3}, 2));
  }
  const at::Tensor penalty = network->penalty({}, {});
  EXPECT_FLOAT_EQ(penalty.item<float>(), 0.5F * (1 + 4 + 9));
  penalty.backward();
  expect_close(parameter(*network, "weight").grad(), rows({1, -2, 0, 3}, 2));
}

TEST(ProjectionHead, TheGradientOfATripletsLossIsTheNumericalOne) {
  const auto network = head(identity_map(3), 0, true);
  const at::Tensor x = rows({0.6F, 0.8F, 0, 0, 0.6F, 0.8F, 0.8F, 0, -0.6F}, 3);
  const auto loss_of = [](const at::Tensor& y) {
    const at::Tensor unit = y / y.norm(2, 1, true);
    return triplet_loss(unit.narrow(0, 0, 1), unit.narrow(0, 1, 1), unit.narrow(0, 2, 1),
                        {.margin = 2});
  };
  loss_of(network->encode(x)).backward();
  const at::Tensor exact = x.to(at::kDouble);
  const at::Tensor of_weight = numerical_gradient(
      [&](const at::Tensor& w) { return loss_of(exact.mm(w.t())).item<double>(); },
      at::eye(3, at::kDouble));
  const at::Tensor of_bias =
      numerical_gradient([&](const at::Tensor& b) { return loss_of(exact + b).item<double>(); },
                         at::zeros({3}, at::kDouble));
  EXPECT_GT(of_weight.abs().max().item<double>(), 0.1);
  expect_close(parameter(*network, "weight").grad(), of_weight.to(at::kFloat), 1e-5);
  expect_close(parameter(*network, "bias").grad(), of_bias.to(at::kFloat), 1e-5);
}

TEST(ProjectionHead, ExportsItsMatrixAndNamesItsBase) {
  const LocalModel model = head(rows({1, 2, 3, 4}, 2), 1)->exported();
  EXPECT_EQ(model.entry.architecture, "projection_head");
  EXPECT_EQ(model.entry.settings.at("dimensions"), "2");
  EXPECT_EQ(model.entry.parts, std::vector<std::string>{"base"});
  EXPECT_EQ(model.entry.shares, std::vector<double>{1});
  EXPECT_EQ(model.entry.input, "32x32 RGB");
  expect_close(model.weights.at("weight"), rows({1, 2, 3, 4}, 2));
  expect_close(model.weights.at("bias"), at::zeros({2}));

  ModelEntry both = base("both");
  both.parts = {"a", "b"};
  both.shares = {0.3, 0.7};
  both.crops = 5;
  const LocalModel behind_two =
      projection_head(both, {.start = identity_map(2), .start_name = "identity"}, c10::kCPU)
          ->exported();
  EXPECT_EQ(behind_two.entry.parts, both.parts);
  EXPECT_EQ(behind_two.entry.shares, both.shares);
  EXPECT_EQ(behind_two.entry.crops, 5);
}

TEST(ProjectionHead, ADescriptionTellsRunsApart) {
  const std::string usual = head(identity_map(2), 0.5)->description();
  EXPECT_NE(usual.find("base"), std::string::npos);
  EXPECT_NE(usual, head(identity_map(2), 0.25)->description());
  EXPECT_NE(usual, head(identity_map(2), 0.5, true)->description());
}

}  // namespace
}  // namespace likeness
