#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/evaluate/reliability.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Pairs = std::vector<JudgedPair>;

TEST(Reliability, ComparesProbabilitiesWithWhatIsTrue) {
  // Two bins. Below 0.5: 0.1 and 0.3, one of two true. From 0.5 on: 0.6 and 1, both true.
  const Pairs pairs = {{0.1, false}, {0.3, true}, {0.6, true}, {1, true}};
  const Reliability measured = measure_reliability(pairs, Balance::pairs, 2);
  ASSERT_EQ(measured.bins.size(), 2U);
  EXPECT_EQ(measured.bins[0].pairs, 2);
  EXPECT_NEAR(measured.bins[0].probability, 0.2, 1e-12);
  EXPECT_NEAR(measured.bins[0].share, 0.5, 1e-12);
  EXPECT_NEAR(measured.bins[1].probability, 0.8, 1e-12);
  EXPECT_NEAR(measured.bins[1].share, 1, 1e-12);
  EXPECT_NEAR(measured.ece, (0.3 + 0.2) / 2, 1e-12);
  EXPECT_NEAR(measured.mce, 0.3, 1e-12);
  EXPECT_NEAR(measured.brier, (0.01 + 0.49 + 0.16 + 0) / 4, 1e-12);
  EXPECT_NEAR(measured.log_loss, -(std::log(0.9) + std::log(0.3) + std::log(0.6)) / 4, 1e-12);
  EXPECT_NEAR(measured.accuracy, 0.75, 1e-12);
}

TEST(Reliability, ClassesCanCountAlike) {
  // One genuine pair weighs as much as three impostors: 0.75 is what three in four show there, but
  // one in two with classes alike.
  const Pairs pairs = {{0.25, true}, {0.25, false}, {0.25, false}, {0.25, false}};
  EXPECT_NEAR(measure_reliability(pairs, Balance::pairs).ece, 0, 1e-12);
  EXPECT_NEAR(measure_reliability(pairs, Balance::classes).ece, 0.25, 1e-12);
  EXPECT_NEAR(measure_reliability(pairs, Balance::classes).accuracy, 0.5, 1e-12);
}

TEST(Reliability, OfTrueProbabilitiesIsNearlyPerfect) {
  Random random(2);
  Pairs pairs;
  for (int i = 0; i < 200'000; ++i) {
    const double p = random.uniform();
    pairs.push_back({p, random.uniform() < p});
  }
  EXPECT_LT(measure_reliability(pairs, Balance::pairs).ece, 0.005);
  for (JudgedPair& pair : pairs) pair.probability = pair.probability * pair.probability;
  // The mean of p − p² over [0, 1].
  EXPECT_NEAR(measure_reliability(pairs, Balance::pairs).ece, 1.0 / 6, 0.01);
}

TEST(Reliability, CertaintyThatIsWrongCostsMuchButNotEverything) {
  const Pairs pairs = {{0, true}, {1, true}};
  const Reliability measured = measure_reliability(pairs, Balance::pairs);
  EXPECT_NEAR(measured.log_loss, -std::log(1e-15) / 2, 1e-9);
  EXPECT_DOUBLE_EQ(measured.brier, 0.5);
}

TEST(Reliability, NeedsPairs) {
  EXPECT_EQ(code_of([] { measure_reliability({}, Balance::pairs); }), ErrorCode::invalid_argument);
  const Pairs one_class = {{0.5, true}};
  EXPECT_NO_THROW(measure_reliability(one_class, Balance::pairs));
  EXPECT_EQ(code_of([&] { measure_reliability(one_class, Balance::classes); }),
            ErrorCode::invalid_argument);
}

TEST(ReliabilitySvg, DrawsDiagonalCurvesAndCounts) {
  const Pairs pairs = {{0.1, false}, {0.3, true}, {0.6, true}, {1, true}};
  const Reliability measured = measure_reliability(pairs, Balance::pairs, 2);
  const std::vector<NamedReliability> named = {{"distance", measured}, {"a & b", measured}};
  const std::string svg = reliability_svg(named);
  EXPECT_NE(svg.find("<path class=\"curve guide\" d=\"M72.0 380.0L700.0 20.0\"/>"),
            std::string::npos)
      << svg;
  // (0.2, 0.5) and (0.8, 1) on axes of 628 × 360.
  EXPECT_NE(svg.find("<path class=\"curve\" d=\"M197.6 200.0L574.4 20.0\"/>"), std::string::npos);
  EXPECT_NE(svg.find("<path class=\"curve second\""), std::string::npos);
  EXPECT_NE(svg.find("class=\"bar mark second\""), std::string::npos);
  EXPECT_NE(svg.find("a &amp; b: calibration error 0.2500"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace likeness
