#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/faces/calibration.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Floats = std::vector<float>;

/// 0.001, 0.002, … 3.000 for `count` = 3000: the k-th smallest is k · 3 / count.
Floats evenly_spaced(int count) {
  Floats distances;
  for (int k = count; k >= 1; --k)
    distances.push_back(3 * static_cast<float>(k) / static_cast<float>(count));
  return distances;
}

Calibration example_calibration() {
  return {.model = "example",
          .genuine_pairs = 10,
          .impostor_pairs = 1000,
          .points = {{0.01, 0.5F}, {0.1, 1.0F}, {1, 2.0F}},
          .default_threshold = 0.8F,
          .slope = 8,
          .offset = -8};
}

TEST(BestThreshold, LiesInTheMiddleBetweenSeparateClasses) {
  EXPECT_FLOAT_EQ(best_threshold({0.2F, 0.4F}, {1.0F, 1.2F}, Balance::pairs), 0.7F);
}

TEST(BestThreshold, CountsEachPairOrEachClassAlike) {
  // Up to 0.3 accepts 1 of 2 genuine and no impostor pair, up to 0.9 both and 2 of 5.
  const Floats genuine = {0.3F, 0.9F};
  const Floats impostor = {0.5F, 0.7F, 1.1F, 1.2F, 1.3F};
  EXPECT_FLOAT_EQ(best_threshold(genuine, impostor, Balance::pairs), 0.4F);    // 6 of 7 right
  EXPECT_FLOAT_EQ(best_threshold(genuine, impostor, Balance::classes), 1.0F);  // (1 + 3/5) / 2
}

TEST(BestThreshold, TakesTheMiddleOneOfEquallyGoodGaps) {
  // 3 of 5 are right in the gaps after 1, 3 and 5.
  EXPECT_FLOAT_EQ(best_threshold({1, 3, 5}, {2, 4}, Balance::pairs), 3.5F);
}

TEST(BestThreshold, EqualDistancesAreAcceptedTogether) {
  // At 1 stand two genuine pairs and one impostor pair: accepting all three is best.
  EXPECT_FLOAT_EQ(best_threshold({1, 1}, {1, 3}, Balance::pairs), 2);
}

TEST(BestThreshold, AcceptsNobodyOrEverybodyWhenThatIsBest) {
  EXPECT_LT(best_threshold({2}, {1, 1.5F}, Balance::pairs), 1);
  EXPECT_FLOAT_EQ(best_threshold({2, 2.5F}, {1}, Balance::pairs), 2.5F);
}

TEST(BestThreshold, StaysBelowTheNextDistanceEvenWithoutAFloatBetween) {
  const float one = 1;
  const float next = std::nextafter(one, 2.0F);
  const float threshold = best_threshold({one}, {next}, Balance::pairs);
  EXPECT_GE(threshold, one);
  EXPECT_LT(threshold, next);
}

TEST(BestThreshold, NeedsBothClasses) {
  EXPECT_EQ(code_of([] { best_threshold({}, {1}, Balance::pairs); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { best_threshold({1}, {}, Balance::pairs); }), ErrorCode::invalid_argument);
}

TEST(FitCalibration, PointsAreExactAndReachFromAllPairsToTen) {
  const Calibration calibration = fit_calibration("m", {0.1F, 0.2F}, evenly_spaced(3000));
  EXPECT_EQ(calibration.genuine_pairs, 2);
  EXPECT_EQ(calibration.impostor_pairs, 3000);
  EXPECT_DOUBLE_EQ(calibration.points.front().fmr, 10.0 / 3000);
  EXPECT_FLOAT_EQ(calibration.points.front().threshold, 0.01F);
  EXPECT_DOUBLE_EQ(calibration.points.back().fmr, 1);
  EXPECT_FLOAT_EQ(calibration.points.back().threshold, 3);
  for (std::size_t i = 0; i < calibration.points.size(); ++i) {
    const OperatingPoint& point = calibration.points[i];
    EXPECT_NEAR(point.threshold, 3 * point.fmr, 1e-6);
    if (i > 0) {
      EXPECT_GT(point.fmr, calibration.points[i - 1].fmr);
      EXPECT_GT(point.threshold, calibration.points[i - 1].threshold);
    }
  }
}

TEST(FitCalibration, EqualImpostorDistancesGiveOnePointWithTheirWholeShare) {
  Floats impostor(60, 1.0F);
  impostor.resize(100, 2.0F);
  const Calibration calibration = fit_calibration("m", {0.5F}, impostor);
  ASSERT_EQ(calibration.points.size(), 2U);
  EXPECT_DOUBLE_EQ(calibration.points[0].fmr, 0.6);
  EXPECT_FLOAT_EQ(calibration.points[0].threshold, 1);
  EXPECT_DOUBLE_EQ(calibration.points[1].fmr, 1);
}

TEST(FitCalibration, ProbabilityFallsWithTheDistanceAndTheDefaultSeparates) {
  const Calibration calibration = fit_calibration("m", {0.3F, 0.5F, 0.6F, 0.7F}, Floats(30, 1.5F));
  EXPECT_FLOAT_EQ(calibration.default_threshold, 1.1F);
  EXPECT_GT(calibration.probability(0.2F), 0.9);
  EXPECT_LT(calibration.probability(1.8F), 0.1);
  for (float d = 0; d < 4; d += 0.1F)
    EXPECT_GT(calibration.probability(d), calibration.probability(d + 0.1F));
}

TEST(FitCalibration, RefusesTooFewPairsAndPairsTheWrongWayRound) {
  EXPECT_EQ(code_of([] { fit_calibration("m", {}, Floats(50, 1)); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit_calibration("m", {1}, Floats(19, 2)); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { fit_calibration("m", {2}, Floats(50, 1)); }), ErrorCode::invalid_argument);
}

TEST(FitCalibration, AnIsotonicProbabilityTakesThePlaceOfTheLogisticOne) {
  const Floats genuine = {0.3F, 0.5F, 0.6F, 0.7F};
  const Floats impostor(30, 1.5F);
  const Calibration calibration =
      fit_calibration("m", genuine, impostor, ProbabilityForm::isotonic);
  EXPECT_FALSE(calibration.curve.empty());
  EXPECT_DOUBLE_EQ(calibration.probability(0.4F), 5.0 / 6);
  EXPECT_DOUBLE_EQ(calibration.probability(1.6F), 1.0 / 32);
  EXPECT_DOUBLE_EQ(calibration.slope, fit_calibration("m", genuine, impostor).slope);
}

TEST(RequireSupported, AsksForTenFalseMatches) {
  EXPECT_NO_THROW(require_supported(1e-3, 10'000, "m"));
  const auto call = [] { require_supported(1e-3, 9'000, "m"); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("10000 pairs"), std::string::npos) << message_of(call);
  EXPECT_EQ(code_of([] { require_supported(1e-3, 0, "m"); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { require_supported(2, 10'000, "m"); }), ErrorCode::invalid_argument);
}

TEST(Calibration, ThresholdIsInterpolatedInTheLogarithmOfTheRate) {
  EXPECT_FLOAT_EQ(example_calibration().threshold_at(0.01), 0.5F);
  EXPECT_FLOAT_EQ(example_calibration().threshold_at(0.1), 1.0F);
  EXPECT_FLOAT_EQ(example_calibration().threshold_at(std::sqrt(0.001)), 0.75F);
}

TEST(Calibration, RateOfAThresholdUndoesThresholdOfARate) {
  for (const double fmr : {0.01, 0.02, 0.05, 0.1, 0.3, 0.9})
    EXPECT_NEAR(example_calibration().fmr_at(example_calibration().threshold_at(fmr)) / fmr, 1,
                1e-5);
}

TEST(Calibration, RateStaysWithinWhatWasMeasured) {
  EXPECT_DOUBLE_EQ(example_calibration().fmr_at(0.1F), 0.01);
  EXPECT_DOUBLE_EQ(example_calibration().fmr_at(3.9F), 1);
}

TEST(Calibration, ARateThatIsTooFineNamesThePairsItWouldTake) {
  EXPECT_EQ(code_of([] { example_calibration().threshold_at(1e-4); }), ErrorCode::invalid_argument);
  const std::string message = message_of([] { example_calibration().threshold_at(1e-4); });
  EXPECT_NE(message.find("100000 pairs"), std::string::npos) << message;
  EXPECT_NE(message.find("1000 pairs"), std::string::npos) << message;
}

TEST(Calibration, TheFinestRateAsTheMessageNamesItIsAccepted) {
  Calibration calibration = example_calibration();
  calibration.points.front().fmr = 0.0133333;
  EXPECT_FLOAT_EQ(calibration.threshold_at(0.0133), 0.5F);
  EXPECT_EQ(code_of([&] { calibration.threshold_at(0.0131); }), ErrorCode::invalid_argument);
}

TEST(Calibration, RatesOutsideOfZeroToOneAreRefused) {
  for (const double fmr : {0.0, 1.0, -0.1, 2.0, std::nan("")})
    EXPECT_EQ(code_of([&] { example_calibration().threshold_at(fmr); }),
              ErrorCode::invalid_argument)
        << fmr;
}

TEST(BuiltinCalibration, AnUnknownModelIsNamed) {
  const auto call = [] { builtin_calibration("no such model"); };
  EXPECT_EQ(code_of(call), ErrorCode::not_found);
  EXPECT_NE(message_of(call).find("no such model"), std::string::npos);
}

TEST(CalibrationJson, GivesBackTheSameNumbers) {
  const Calibration fitted = fit_calibration("a \"b\"", {0.1F, 0.7F}, evenly_spaced(777));
  const auto parsed = parse_calibrations(to_json({fitted, example_calibration()}), "test");
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[0].model, fitted.model);
  EXPECT_EQ(parsed[0].slope, fitted.slope);
  EXPECT_EQ(parsed[0].offset, fitted.offset);
  EXPECT_EQ(parsed[0].default_threshold, fitted.default_threshold);
  EXPECT_EQ(parsed[0].genuine_pairs, 2);
  EXPECT_EQ(parsed[1].impostor_pairs, 1000);
  ASSERT_EQ(parsed[0].points.size(), fitted.points.size());
  for (std::size_t i = 0; i < fitted.points.size(); ++i) {
    EXPECT_EQ(parsed[0].points[i].fmr, fitted.points[i].fmr);
    EXPECT_EQ(parsed[0].points[i].threshold, fitted.points[i].threshold);
  }
  EXPECT_EQ(to_json(parsed), to_json({fitted, example_calibration()}));
}

Calibration example_with_extras() {
  Calibration calibration = example_calibration();
  calibration.curve.knots = {{0.5, 0.75}, {1, 0.25}};
  calibration.thresholds = {{.fmr = 0.01,
                             .threshold = 0.5F,
                             .threshold_low = 0.4F,
                             .threshold_high = 0.6F,
                             .fnmr = 0.02,
                             .fnmr_low = 0.01,
                             .fnmr_high = 0.03}};
  calibration.confidence = 0.95;
  calibration.fingerprint = "0123abcd+4567cdef";
  return calibration;
}

TEST(CalibrationJson, GivesBackCurveAndThresholds) {
  const std::string text = to_json({example_with_extras()});
  const auto parsed = parse_calibrations(text, "test");
  ASSERT_EQ(parsed.size(), 1U);
  EXPECT_DOUBLE_EQ(parsed[0].probability(0.75F), 0.5);
  ASSERT_EQ(parsed[0].thresholds.size(), 1U);
  EXPECT_EQ(parsed[0].thresholds[0].threshold_low, 0.4F);
  EXPECT_EQ(parsed[0].thresholds[0].fnmr_high, 0.03);
  EXPECT_EQ(parsed[0].confidence, 0.95);
  EXPECT_EQ(parsed[0].fingerprint, "0123abcd+4567cdef");
  EXPECT_EQ(to_json(parsed), text);
}

TEST(CalibrationJson, AnEmptyListIsAList) {
  EXPECT_TRUE(parse_calibrations("[]", "test").empty());
  EXPECT_EQ(to_json(std::vector<Calibration>{}), "[]\n");
}

/// The example's text with `from` replaced by `to`.
std::string altered(const std::string& from, const std::string& to) {
  std::string text = to_json({example_with_extras()});
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CalibrationJson, WhatIsWrongIsNamed) {
  const std::vector<std::vector<std::string>> cases = {
      {"\"slope\": 8", "\"slope\": -8", "slope"},
      {"\"slope\": 8", "\"slope\": \"8\"", "slope"},
      {"\"offset\": -8", "\"offset\": null", "offset"},
      {"\"offset\": -8", "\"offset\": 1e300", "offset"},
      {"\"genuine_pairs\": 10", "\"genuine_pairs\": 10.5", "genuine_pairs"},
      {"\"genuine_pairs\": 10", "\"genuine_pairs\": 0", "genuine_pairs"},
      {"\"impostor_pairs\": 1000", "\"impostor\": 1000", "impostor_pairs"},
      {"\"model\": \"example\"", "\"model\": \"\"", "model"},
      {"\"default_threshold\": 0.8", "\"default_threshold\": 5", "default_threshold"},
      {"[0.1, 1]", "[0.001, 1]", "point 1"},
      {"[0.1, 1]", "[0.1, 2]", "point 2"},
      {"[0.1, 1]", "[0.1]", "point 1"},
      {"[0.01, 0.5]", "[0, 0.5]", "point 0"},
      {"[1, 2]", "[1, 9]", "point 2"},
      {"[1, 2]", "[1, 1e999]", "JSON"},
      {"[1, 0.25]", "[0.5, 0.25]", "knot 1"},
      {"[1, 0.25]", "[1, 0.8]", "knot 1"},
      {"[1, 0.25]", "[1, -0.1]", "knot 1"},
      {"[1, 0.25]", "1", "knot 1"},
      {"\"curve\": [", "\"curve\": 7, \"other\": [", "curve"},
      {"\"threshold_low\": 0.4", "\"threshold_low\": 0.7", "threshold 0"},
      {"\"fnmr_high\": 0.03", "\"fnmr_high\": 2", "fnmr_high"},
      {"\"confidence\": 0.95", "\"confident\": 0.95", "confidence"},
      {"\"weights\": \"0123abcd+4567cdef\"", "\"weights\": 7", "weights"},
  };
  for (const auto& item : cases) {
    const std::string text = altered(item[0], item[1]);
    EXPECT_EQ(code_of([&] { parse_calibrations(text, "test"); }), ErrorCode::corrupt_file);
    const std::string message = message_of([&] { parse_calibrations(text, "test"); });
    EXPECT_NE(message.find(item[2]), std::string::npos) << message;
  }
}

TEST(CalibrationJson, HostileTextsAreRefused) {
  const std::string one = to_json({example_calibration()});
  const std::string twice = one.substr(0, one.rfind(']')) + "," + one.substr(1);
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), std::string("[{}]"),
        std::string(100'000, '['), std::string(100'000, '[') + std::string(100'000, ']'),
        std::string(5 << 20, ' ') + "[]", twice})
    EXPECT_EQ(code_of([&] { parse_calibrations(text, "test"); }), ErrorCode::corrupt_file);
}

TEST(CalibrationJson, DeepNestingIsRefusedAtItsBeginning) {
  const auto message = [](const std::string& text) {
    return message_of([&] { parse_calibrations(text, "test"); });
  };
  EXPECT_EQ(message(std::string(9, '[')), "test: is nested deeper than 8 levels");
  EXPECT_EQ(message(std::string(8, '[')), "test: is not JSON");
}

TEST(CalibrationJson, NamesInErrorsAreShortAndSafeForATerminal) {
  const auto message = [](const std::string& model) {
    std::string text = altered("\"model\": \"example\"", "\"model\": \"" + model + "\"");
    text.replace(text.find("\"slope\""), 7, "\"tilts\"");
    return message_of([&] { parse_calibrations(text, "test"); });
  };
  EXPECT_EQ(message("a\\u001b[2J"), "test: 'a?[2J': field \"slope\" is missing");
  EXPECT_LT(message(std::string(100'000, 'n')).size(), 300U);
}

}  // namespace
}  // namespace likeness
