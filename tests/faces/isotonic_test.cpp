#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/faces/isotonic.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Floats = std::vector<float>;

TEST(FitIsotonic, PoolsNeighboursThatAreTheWrongWayRound) {
  // In order of distance: genuine, impostor, genuine, impostor. The middle two violate the order
  // and share one probability: two pairs of equal weight, targets 3/4 and 1/4.
  const ProbabilityCurve curve = fit_isotonic({0.1F, 0.3F}, {0.2F, 0.4F});
  ASSERT_EQ(curve.knots.size(), 4U);
  EXPECT_FLOAT_EQ(static_cast<float>(curve.knots[0].at), 0.1F);
  EXPECT_DOUBLE_EQ(curve.knots[0].probability, 0.75);  // Platt's (2 + 1) / (2 + 2)
  EXPECT_FLOAT_EQ(static_cast<float>(curve.knots[1].at), 0.2F);
  EXPECT_DOUBLE_EQ(curve.knots[1].probability, 0.5);
  EXPECT_FLOAT_EQ(static_cast<float>(curve.knots[2].at), 0.3F);
  EXPECT_DOUBLE_EQ(curve.knots[2].probability, 0.5);
  EXPECT_DOUBLE_EQ(curve.knots[3].probability, 0.25);  // 1 / (2 + 2)
}

TEST(FitIsotonic, ClassesWeighOneHalfEachHoweverManyPairsTheyHave) {
  // At 0.5 stand the only genuine pair and one of four impostors: weights 1/2 and 1/8, targets
  // 2/3 and 1/6.
  const ProbabilityCurve curve = fit_isotonic({0.5F}, {0.5F, 0.6F, 0.7F, 0.8F});
  EXPECT_NEAR(curve.at(0.5), (0.5 * 2 / 3 + 0.125 / 6) / 0.625, 1e-12);
  EXPECT_NEAR(curve.at(0.8), 1.0 / 6, 1e-12);
}

TEST(ProbabilityCurve, IsStraightBetweenKnotsAndConstantBeyondThem) {
  const ProbabilityCurve curve{{{1, 0.9}, {2, 0.5}, {4, 0.1}}};
  EXPECT_DOUBLE_EQ(curve.at(0), 0.9);
  EXPECT_DOUBLE_EQ(curve.at(1), 0.9);
  EXPECT_NEAR(curve.at(1.25), 0.8, 1e-12);
  EXPECT_DOUBLE_EQ(curve.at(2), 0.5);
  EXPECT_NEAR(curve.at(3), 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(curve.at(9), 0.1);
}

TEST(FitIsotonic, NothingIsEverCertain) {
  const ProbabilityCurve curve = fit_isotonic(Floats(8, 0.1F), Floats(98, 1.0F));
  EXPECT_DOUBLE_EQ(curve.at(0), 0.9);   // (8 + 1) / (8 + 2)
  EXPECT_DOUBLE_EQ(curve.at(2), 0.01);  // 1 / (98 + 2)
}

/// Classes whose distances overlap at random.
struct Drawn {
  Floats genuine;
  Floats impostor;
};
Drawn draw(int pairs) {
  Random random(3);
  Drawn drawn;
  for (int i = 0; i < pairs; ++i) {
    drawn.genuine.push_back(static_cast<float>(random.uniform() + random.uniform()));
    drawn.impostor.push_back(static_cast<float>(0.5 + random.uniform() + random.uniform()));
  }
  return drawn;
}

TEST(FitIsotonic, NeverRisesAndHasAFewHundredKnotsAtMost) {
  const Drawn drawn = draw(200'000);
  const ProbabilityCurve curve = fit_isotonic(drawn.genuine, drawn.impostor);
  EXPECT_GT(curve.knots.size(), 100U);
  EXPECT_LE(curve.knots.size(), 2U * kMostSteps);
  for (std::size_t i = 1; i < curve.knots.size(); ++i) {
    EXPECT_GT(curve.knots[i].at, curve.knots[i - 1].at);
    EXPECT_LE(curve.knots[i].probability, curve.knots[i - 1].probability);
  }
}

TEST(FitIsotonic, FindsTheTrueProbabilities) {
  // Triangular densities on [0, 2] and [0.5, 2.5]: at 1.25 both are equal, at 1 they are 1 and 0.5.
  const Drawn drawn = draw(200'000);
  const ProbabilityCurve curve = fit_isotonic(drawn.genuine, drawn.impostor);
  EXPECT_NEAR(curve.at(1.25), 0.5, 0.02);
  EXPECT_NEAR(curve.at(1), 2.0 / 3, 0.02);
  EXPECT_NEAR(curve.at(0.25), 1, 1e-4);
  EXPECT_NEAR(curve.at(2.25), 0, 1e-4);
}

TEST(FitIsotonic, NeedsFiniteNumbersInBothClasses) {
  const float infinite = std::numeric_limits<float>::infinity();
  EXPECT_EQ(code_of([] { fit_isotonic({}, {1}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit_isotonic({1}, {}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { fit_isotonic({infinite}, {1}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit_isotonic({1}, {std::nanf("")}); }), ErrorCode::invalid_argument);
}

TEST(ProbabilityForm, IsKnownByName) {
  for (const ProbabilityForm form : {ProbabilityForm::logistic, ProbabilityForm::isotonic})
    EXPECT_EQ(parse_probability_form(to_string(form)), form);
  const auto call = [] { parse_probability_form("cubic"); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("isotonic"), std::string::npos);
}

}  // namespace
}  // namespace likeness
