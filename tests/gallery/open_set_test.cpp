#include <cmath>

#include <gtest/gtest.h>
#include <likeness/gallery/open_set.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// log10 FMR = 10 · (distance − 0.6), down to 1e-4 at 0.2; measured on a million pairs, so that
/// 1e-4 is the finest rate that is trusted. The point below it is what two mislabelled pairs do.
Calibration straight() {
  Calibration calibration{.model = "straight",
                          .genuine_pairs = 1000,
                          .impostor_pairs = 1'000'000,
                          .points = {{1e-5, 0.001F}},
                          .default_threshold = 0.4F,
                          .slope = 8,
                          .offset = -4};
  for (int decade = 4; decade >= 0; --decade)
    calibration.points.push_back(
        {std::pow(10.0, -decade), 0.6F - 0.1F * static_cast<float>(decade)});
  return calibration;
}

TEST(OpenSetRule, AGalleryOfOneHasTheRateOfAPair) {
  const OpenSetRule rule(straight(), 1, {.fpir = 1e-2});
  EXPECT_NEAR(rule.threshold(), 0.4, 1e-6);
  EXPECT_NEAR(rule.fpir().value(), 1e-2, 1e-9);
  EXPECT_FALSE(rule.extrapolated());
}

TEST(OpenSetRule, TheThresholdFallsAsTheGalleryGrows) {
  // 1 − (1 − FMR)^100 = 1e-2 at FMR = 1.005e-4.
  const OpenSetRule hundred(straight(), 100);
  EXPECT_NEAR(hundred.threshold(), 0.2, 1e-3);
  const OpenSetRule many(straight(), 10'000, {.fpir = 0.1});
  EXPECT_NEAR(many.threshold(), 0.6 + 0.1 * std::log10(1.0536e-5), 1e-3);
  EXPECT_TRUE(many.extrapolated());
  EXPECT_EQ(OpenSetRule(straight(), 1'000'000'000).threshold(), 0) << "nobody is near enough";
}

TEST(OpenSetRule, SaysWhatAThresholdMeans) {
  const OpenSetRule rule(straight(), 1000, {.threshold = 0.3F});
  EXPECT_NEAR(rule.fpir().value(), 1 - std::pow(1 - 1e-3, 1000), 1e-6);
  const OpenSetRule strict(straight(), 1000, {.threshold = 0.1F});
  EXPECT_NEAR(strict.fpir().value(), 1 - std::pow(1 - 1e-5, 1000), 1e-4);
  EXPECT_TRUE(strict.extrapolated());
}

TEST(OpenSetRule, RefusesWhatCannotBe) {
  const auto refused = [](std::optional<Calibration> calibration, const OpenSetOptions& options) {
    return code_of([&] { OpenSetRule(calibration, 10, options); });
  };
  EXPECT_EQ(refused(straight(), {.fpir = 0.0}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(straight(), {.fpir = 1.0}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(straight(), {.threshold = -1.0F}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(straight(), {.fpir = 0.1, .threshold = 1.0F}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused({}, {}), ErrorCode::invalid_argument);
  const OpenSetRule plain({}, 10, {.threshold = 1.0F});
  EXPECT_FALSE(plain.fpir().has_value());
  EXPECT_FALSE(plain.probability(0.5F).has_value());
}

TEST(Identify, NamesEachPersonOnceByTheClosestExample) {
  const OpenSetRule rule(straight(), 1, {.threshold = 0.5F});
  const std::vector<Neighbour> neighbours = {
      {4, "Anna", 0.1F}, {2, "Anna", 0.2F}, {7, "Berta", 0.4F}, {9, "Carla", 0.9F}};
  const Identification answer = identify(neighbours, rule, 5);
  ASSERT_EQ(answer.matches.size(), 2U);
  EXPECT_EQ(answer.matches[0].example, 4);
  EXPECT_EQ(answer.matches[1].subject, "Berta");
  EXPECT_TRUE(answer.ambiguous);
  EXPECT_GT(answer.matches[0].probability.value(), answer.matches[1].probability.value());
  const Identification one = identify(neighbours, rule, 1);
  EXPECT_EQ(one.matches.size(), 1U);
  EXPECT_TRUE(one.ambiguous) << "Berta is near, though only one was asked for";
}

TEST(Identify, AnswersNobodyWhenNobodyIsNear) {
  const OpenSetRule rule(straight(), 1, {.threshold = 0.05F});
  const std::vector<Neighbour> neighbours = {{4, "Anna", 0.1F}};
  const Identification answer = identify(neighbours, rule, 5);
  EXPECT_TRUE(answer.matches.empty());
  EXPECT_EQ(answer.nearest.value().subject, "Anna");
  EXPECT_FALSE(answer.ambiguous);
  EXPECT_FALSE(identify({}, rule, 5).nearest.has_value());
}

}  // namespace
}  // namespace likeness
