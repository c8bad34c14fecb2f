#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/faces/logistic.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Floats = std::vector<float>;

LogisticUnit fit(const Floats& genuine, const Floats& impostor) {
  return fit_logistic({.genuine = {genuine}, .impostor = {impostor}});
}

double probability(const LogisticUnit& unit, float distance) {
  return unit.probability({&distance, 1});
}

/// A standard normal number (Box and Muller).
float normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return static_cast<float>(radius * std::cos(6.283185307179586 * random.uniform()));
}

TEST(LogisticUnit, ProbabilityIsTheLogisticFunction) {
  const LogisticUnit unit{{2}, -3};
  EXPECT_DOUBLE_EQ(probability(unit, 1.5F), 0.5);
  EXPECT_NEAR(probability(unit, 0), 1 / (1 + std::exp(-3)), 1e-12);
  EXPECT_NEAR(probability(unit, 4), 1 / (1 + std::exp(5)), 1e-12);
}

TEST(LogisticUnit, ExtremeScoresNeitherOverflowNorLeaveTheUnitInterval) {
  EXPECT_EQ(probability({{1e6}, 0}, 4), 0);
  EXPECT_EQ(probability({{0}, -1e6}, 4), 1);
}

TEST(FitLogistic, OnePairOfEachClassReachesPlattsTargets) {
  // Two points and two parameters: the fit passes through the targets 2/3 and 1/3 exactly.
  const LogisticUnit unit = fit({1}, {2});
  EXPECT_NEAR(probability(unit, 1), 2.0 / 3, 1e-7);
  EXPECT_NEAR(probability(unit, 2), 1.0 / 3, 1e-7);
  EXPECT_NEAR(unit.slopes[0], 2 * std::log(2.0), 1e-6);
  EXPECT_NEAR(unit.offset, -3 * std::log(2.0), 1e-6);
}

TEST(FitLogistic, FindsTheUnitThatTwoNormalDistributionsImply) {
  // d ~ N(1, 0.3²) against N(2, 0.3²): log odds = (1 − 2)/0.09 · d + (4 − 1)/0.18, with equal
  // priors.
  Random random(1);
  Floats genuine(20'000);
  Floats impostor(60'000);
  for (float& d : genuine) d = 1 + 0.3F * normal(random);
  for (float& d : impostor) d = 2 + 0.3F * normal(random);
  const LogisticUnit unit = fit(genuine, impostor);
  EXPECT_NEAR(unit.slopes[0], 1 / 0.09, 0.4);
  EXPECT_NEAR(unit.offset, -1.5 / 0.09, 0.6);
}

TEST(FitLogistic, ClassesWeighAlikeHoweverManyPairsTheyHave) {
  const Floats genuine = {0.5F, 1, 1.5F, 0.7F};
  const Floats impostor = {1, 1.5F, 2, 1.8F};
  Floats many;
  for (int i = 0; i < 5000; ++i) many.insert(many.end(), impostor.begin(), impostor.end());
  Floats many_genuine;
  for (int i = 0; i < 5000; ++i)
    many_genuine.insert(many_genuine.end(), genuine.begin(), genuine.end());
  const LogisticUnit balanced = fit(many_genuine, many);
  Floats few_genuine(many_genuine.begin(), many_genuine.begin() + 2000);
  const LogisticUnit unbalanced = fit(few_genuine, many);
  EXPECT_NEAR(balanced.slopes[0], unbalanced.slopes[0], 0.02);
  EXPECT_NEAR(balanced.offset, unbalanced.offset, 0.02);
}

TEST(FitLogistic, SeparateClassesHaveAFiniteSteepSolution) {
  const LogisticUnit unit = fit({0.1F, 0.2F, 0.3F}, {1.7F, 1.8F, 1.9F});
  EXPECT_GT(probability(unit, 0.1F), 0.75);
  EXPECT_LT(probability(unit, 1.9F), 0.25);
  EXPECT_LT(unit.slopes[0], 100);
}

TEST(FitLogistic, DistancesThatRunTheWrongWayGetSlopeZero) {
  const LogisticUnit unit = fit({2, 2.1F, 1.9F}, {1, 1.1F, 0.9F});
  EXPECT_EQ(unit.slopes[0], 0);
  EXPECT_NEAR(probability(unit, 0), 0.5, 1e-9);
}

TEST(FitLogistic, EqualDistancesCannotTellAnything) {
  const LogisticUnit unit = fit({1, 1}, {1, 1});
  EXPECT_NEAR(probability(unit, 1), 0.5, 1e-9);
}

TEST(FitLogistic, AnUninformativeSecondDistanceGetsLittleWeight) {
  Random random(2);
  Floats genuine_good(5000), genuine_noise(5000), impostor_good(5000), impostor_noise(5000);
  for (float& d : genuine_good) d = 1 + 0.4F * normal(random);
  for (float& d : impostor_good) d = 2 + 0.4F * normal(random);
  for (float& d : genuine_noise) d = 1.5F + 0.4F * normal(random);
  for (float& d : impostor_noise) d = 1.5F + 0.4F * normal(random);
  const LogisticUnit unit = fit_logistic(
      {.genuine = {genuine_good, genuine_noise}, .impostor = {impostor_good, impostor_noise}});
  EXPECT_NEAR(unit.slopes[0], 1 / 0.16, 0.5);
  EXPECT_LT(unit.slopes[1], 0.3);
}

TEST(FitLogistic, AClassWithoutPairsOrWithNanIsRefused) {
  EXPECT_EQ(code_of([] { fit({}, {1}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit({1}, {}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit({1}, {std::numeric_limits<float>::quiet_NaN()}); }),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
