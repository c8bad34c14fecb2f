#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/faces/verifier.h>

#include "support/error_code.h"

namespace likeness {
namespace {

Calibration example() {
  return {.model = "example",
          .genuine_pairs = 10,
          .impostor_pairs = 1000,
          .points = {{0.01, 0.5F}, {0.1, 1.0F}, {1, 2.0F}},
          .default_threshold = 0.75F,
          .slope = 8,
          .offset = -8};
}

TEST(Verifier, ComparesTheSquaredDistanceWithTheDefaultThreshold) {
  const Verifier verifier(example());
  const std::vector<float> a = {1, 0};
  const std::vector<float> b = {0, 1};
  const Verification same = verifier.compare(a, a);
  EXPECT_TRUE(same.same_person);
  EXPECT_FLOAT_EQ(same.distance, 0);
  EXPECT_FLOAT_EQ(same.threshold, 0.75F);
  EXPECT_NEAR(same.probability.value(), 0.99966, 1e-5);  // 1 / (1 + e^-8)
  EXPECT_NEAR(same.fmr.value(), 0.0316228, 1e-6);  // half way between 0.01 and 0.1 in the logarithm
  const Verification different = verifier.compare(a, b);
  EXPECT_FALSE(different.same_person);
  EXPECT_FLOAT_EQ(different.distance, 2);
  EXPECT_NEAR(different.probability.value(), 0.00034, 1e-5);
}

TEST(Verifier, ADistanceAtTheThresholdMeansTheSamePerson) {
  const Verifier verifier(example(), {.threshold = 1.5F, .fmr = {}});
  EXPECT_TRUE(verifier.judge(1.5F).same_person);
  EXPECT_FALSE(verifier.judge(1.5001F).same_person);
}

TEST(Verifier, AFalseMatchRateChoosesItsThreshold) {
  const Verifier verifier(example(), {.threshold = {}, .fmr = 0.1});
  EXPECT_FLOAT_EQ(verifier.threshold(), 1);
  EXPECT_NEAR(verifier.fmr().value(), 0.1, 1e-9);
}

TEST(Verifier, OptionsOutOfRangeOrBothAtOnceAreRefused) {
  const auto make = [](const VerifierOptions& options) {
    return code_of([&] { const Verifier verifier(example(), options); });
  };
  EXPECT_EQ(make({.threshold = 1, .fmr = 0.1}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.threshold = -0.1F, .fmr = {}}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.threshold = 4.1F, .fmr = {}}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.threshold = {}, .fmr = 0.001}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.threshold = {}, .fmr = 0}), ErrorCode::invalid_argument);
}

TEST(Verifier, WithoutCalibrationItDecidesByAGivenThresholdAndClaimsNoProbability) {
  const Verifier verifier(std::nullopt, {.threshold = 1.5F, .fmr = {}});
  const Verification answer = verifier.judge(1.4F);
  EXPECT_TRUE(answer.same_person);
  EXPECT_FLOAT_EQ(answer.threshold, 1.5F);
  EXPECT_FALSE(answer.probability.has_value());
  EXPECT_FALSE(answer.fmr.has_value());
  EXPECT_FALSE(verifier.judge(1.6F).same_person);
}

TEST(Verifier, WithoutCalibrationAThresholdIsNeeded) {
  for (const VerifierOptions& options : {VerifierOptions{}, VerifierOptions{.fmr = 1e-3}})
    EXPECT_NE(
        message_of([&] { const Verifier verifier(std::nullopt, options); }).find("not calibrated"),
        std::string::npos);
}

}  // namespace
}  // namespace likeness
