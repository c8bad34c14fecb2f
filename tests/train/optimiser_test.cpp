#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/train/optimiser.h>
#include <torch/types.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// w is a matrix (weight decay works on it), b a bias (it does not).
struct Tiny : torch::nn::Module {
  Tiny() {
    w = register_parameter("w", torch::full({1, 1}, 2.0F));
    b = register_parameter("b", torch::full({1}, -1.0F));
    running = register_buffer("running", torch::full({1}, 10.0F));
  }
  torch::Tensor w, b, running;
};

class OptimiserSteps : public testing::Test {
 protected:
  void set_gradients(float w, float b) {
    parameters.gradients()[0] = w;
    parameters.gradients()[1] = b;
  }
  Tiny network;
  FlatParameters parameters{network, [](const std::string&) { return 1.0; }};
};

TEST_F(OptimiserSteps, SgdWithNesterovMomentumAsComputedByHand) {
  Optimiser optimiser(parameters,
                      {.algorithm = Algorithm::sgd, .weight_decay = 0.1, .momentum = 0.5});
  set_gradients(1, 4);
  optimiser.step(0.1);
  // w: g = 1 + 0.1·2 = 1.2, v = 1.2, w = 2 − 0.1·(1.2 + 0.5·1.2) = 1.82
  // b: g = 4, v = 4, b = −1 − 0.1·(4 + 2) = −1.6
  EXPECT_NEAR(network.w.item<double>(), 1.82, 1e-6);
  EXPECT_NEAR(network.b.item<double>(), -1.6, 1e-6);
  set_gradients(0, -2);
  optimiser.step(0.2);
  // w: g = 0.182, v = 0.5·1.2 + 0.182 = 0.782, w = 1.82 − 0.2·(0.182 + 0.391) = 1.7054
  // b: g = −2, v = 2 − 2 = 0, b = −1.6 + 0.4 = −1.2
  EXPECT_NEAR(network.w.item<double>(), 1.7054, 1e-6);
  EXPECT_NEAR(network.b.item<double>(), -1.2, 1e-6);
}

TEST_F(OptimiserSteps, AdamWAsComputedByHand) {
  Optimiser optimiser(parameters, {.algorithm = Algorithm::adamw, .weight_decay = 0.05});
  set_gradients(2, -3);
  optimiser.step(0.1);
  // The first step's direction is the gradient's sign; w decays by 0.1·0.05·2 besides.
  EXPECT_NEAR(network.w.item<double>(), 2 - 0.1 - 0.01, 1e-6);
  EXPECT_NEAR(network.b.item<double>(), -1 + 0.1, 1e-6);
  set_gradients(-1, -3);
  optimiser.step(0.1);
  // w: m = 0.9·0.2 − 0.1 = 0.08, m/(1 − 0.81) = 0.4210526; v = 0.999·0.004 + 0.001 = 0.004996,
  // v/(1 − 0.998001) = 2.4992496, its root 1.5809015; 0.2663370 + 0.05·1.89 = 0.3608370
  EXPECT_NEAR(network.w.item<double>(), 1.89 - 0.0360837, 1e-6);
  EXPECT_NEAR(network.b.item<double>(), -0.9 + 0.1, 1e-6);
}

TEST_F(OptimiserSteps, BuffersAreLeftAlone) {
  Optimiser optimiser(parameters, {});
  set_gradients(1, 1);
  optimiser.step(0.5);
  EXPECT_EQ(network.running.item<float>(), 10);
}

TEST_F(OptimiserSteps, GoOnFromARestoredState) {
  for (const Algorithm algorithm : {Algorithm::sgd, Algorithm::adamw}) {
    Tiny twin;
    FlatParameters twins(twin, [](const std::string&) { return 1.0; });
    Optimiser first(parameters, {.algorithm = algorithm});
    set_gradients(2, -3);
    first.step(0.1);
    Optimiser second(twins, {.algorithm = algorithm});
    second.restore(first.state());
    twins.state().copy_(parameters.state());
    set_gradients(-1, 5);
    twins.gradients().copy_(parameters.gradients());
    first.step(0.1);
    second.step(0.1);
    EXPECT_TRUE(at::equal(twins.state(), parameters.state())) << to_string(algorithm);
  }
}

TEST_F(OptimiserSteps, TheStateOfAnotherAlgorithmIsRefused) {
  const Optimiser sgd(parameters, {.algorithm = Algorithm::sgd});
  Optimiser adamw(parameters, {.algorithm = Algorithm::adamw});
  EXPECT_EQ(code_of([&] { adamw.restore(sgd.state()); }), ErrorCode::corrupt_file);
  TensorMap torn = adamw.state();
  torn.erase("first/w");
  EXPECT_NE(message_of([&] { adamw.restore(torn); }).find("'w'"), std::string::npos);
}

TEST_F(OptimiserSteps, RatesSlowDownOrFreezeSingleParameters) {
  Tiny other;
  const FlatParameters slow(other,
                            [](const std::string& name) { return name == "w" ? 0.25 : 0.0; });
  EXPECT_EQ(slow.gradients().size(0), 1) << "a frozen parameter stays out";
  EXPECT_FALSE(other.b.requires_grad());
  Optimiser optimiser(slow, {.algorithm = Algorithm::sgd, .weight_decay = 0, .momentum = 0});
  slow.gradients().fill_(1);
  optimiser.step(0.4);
  EXPECT_NEAR(other.w.item<double>(), 2 - 0.1, 1e-6);
  EXPECT_EQ(other.b.item<float>(), -1);
}

TEST_F(OptimiserSteps, LongGradientsAreScaledDownToTheLimit) {
  set_gradients(3, 4);
  EXPECT_NEAR(clip_gradients(parameters, 10), 5, 1e-6);
  EXPECT_EQ(parameters.gradients()[0].item<float>(), 3);
  EXPECT_NEAR(clip_gradients(parameters, 0), 5, 1e-6);
  EXPECT_EQ(parameters.gradients()[1].item<float>(), 4) << "0: any length";
  EXPECT_NEAR(clip_gradients(parameters, 1), 5, 1e-6);
  EXPECT_NEAR(parameters.gradients()[0].item<double>(), 0.6, 1e-6);
  EXPECT_NEAR(parameters.gradients()[1].item<double>(), 0.8, 1e-6);
  set_gradients(std::numeric_limits<float>::quiet_NaN(), 1);
  EXPECT_TRUE(std::isnan(clip_gradients(parameters, 1)));
}

TEST_F(OptimiserSteps, TheMovingAverageForgetsTheFirstWeightsSoon) {
  const at::Tensor average = at::zeros({3});
  update_average(average, parameters, 0.999, 0);  // d = 1/10
  EXPECT_NEAR(average[0].item<double>(), 0.9 * 2, 1e-6);
  EXPECT_NEAR(average[2].item<double>(), 0.9 * 10, 1e-6) << "running statistics as well";
  update_average(average, parameters, 0.5, 1'000'000);  // d = 0.5
  EXPECT_NEAR(average[0].item<double>(), 0.5 * 1.8 + 0.5 * 2, 1e-6);
  update_average(average, parameters, 0, 5);
  EXPECT_NEAR(average[0].item<double>(), 2, 1e-6) << "0: the weights themselves";
}

TEST_F(OptimiserSteps, ABorrowedStateIsGivenBackBitForBit) {
  const at::Tensor before = parameters.state().clone();
  {
    const BorrowedState borrowed(parameters, at::full({3}, 7.0F));
    EXPECT_EQ(network.w.item<float>(), 7);
    EXPECT_EQ(network.running.item<float>(), 7);
  }
  EXPECT_TRUE(at::equal(parameters.state(), before));
}

TEST(LearningRate, RisesLinearlyThenFallsAlongHalfACosine) {
  const LearningRateSchedule schedule{.highest = 2, .warm_up = 3, .steps = 13, .last_share = 0.01};
  EXPECT_DOUBLE_EQ(learning_rate_at(schedule, 0), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(schedule, 1), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate_at(schedule, 2), 1.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(schedule, 3), 2.0);
  EXPECT_NEAR(learning_rate_at(schedule, 8), 2 * (0.01 + 0.99 / 2), 1e-12);  // half way
  EXPECT_NEAR(learning_rate_at(schedule, 13), 0.02, 1e-12);
  EXPECT_NEAR(learning_rate_at(schedule, 500), 0.02, 1e-12);
}

TEST(LearningRate, WithoutWarmUpBeginsAtTheHighest) {
  EXPECT_DOUBLE_EQ(learning_rate_at({.highest = 0.1, .warm_up = 0, .steps = 10}, 0), 0.1);
}

TEST(AlgorithmNames, LeadThereAndBack) {
  for (const Algorithm algorithm : {Algorithm::sgd, Algorithm::adamw})
    EXPECT_EQ(algorithm_from_name(to_string(algorithm)), algorithm);
  EXPECT_NE(message_of([] { algorithm_from_name("adam"); }).find("sgd or adamw"),
            std::string::npos);
}

}  // namespace
}  // namespace likeness
