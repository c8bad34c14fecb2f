#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <likeness/train/collapse.h>

namespace likeness {
namespace {

constexpr int kSteps = 100;  // until a state counts as permanent

StepMeasures healthy() {
  StepMeasures measures;
  measures.loss = 0.15;
  measures.mining = {.triplets = 72,
                     .active = 0.6,
                     .active_of_all = 0.1,
                     .positive_distance = 0.8,
                     .negative_distance = 0.9};
  measures.variance = 0.9;
  return measures;
}

StepMeasures without_variance() {
  StepMeasures measures = healthy();
  measures.variance = 0.001;
  return measures;
}

StepMeasures at_the_margin() {
  StepMeasures measures = healthy();
  measures.loss = 0.2001;
  measures.mining.positive_distance = 0.8;
  measures.mining.negative_distance = 0.8001;
  return measures;
}

/// What is said at the last of `steps` steps; a test failure when something is said before.
std::optional<std::string> after(CollapseWatch& watch, const StepMeasures& measures, int steps) {
  for (int i = 1; i < steps; ++i) EXPECT_FALSE(watch.look_at(measures)) << "step " << i;
  return watch.look_at(measures);
}

void expect_warning(const std::optional<std::string>& said, const std::string& part) {
  ASSERT_TRUE(said.has_value());
  EXPECT_NE(said->find("collapse"), std::string::npos) << *said;
  EXPECT_NE(said->find(part), std::string::npos) << *said;
  EXPECT_NE(said->find("--learning-rate"), std::string::npos) << "says what to change: " << *said;
}

TEST(CollapseWatch, SaysWhenAllEncodingsBecomeOnePoint) {
  CollapseWatch watch({.margin = 0.2});
  expect_warning(after(watch, without_variance(), kSteps), "variance 0.001");
}

TEST(CollapseWatch, SaysWhenTheLossSticksAtTheMargin) {
  CollapseWatch watch({.margin = 0.2});
  expect_warning(after(watch, at_the_margin(), kSteps), "sticks at the margin");
}

TEST(CollapseWatch, SaysItOnce) {
  CollapseWatch watch({.margin = 0.2});
  EXPECT_TRUE(after(watch, without_variance(), kSteps));
  EXPECT_FALSE(after(watch, without_variance(), 3 * kSteps));
  EXPECT_FALSE(after(watch, at_the_margin(), 3 * kSteps));
}

TEST(CollapseWatch, AGoodStepInBetweenStartsTheCountAnew) {
  CollapseWatch watch({.margin = 0.2});
  EXPECT_FALSE(after(watch, without_variance(), kSteps - 1));
  EXPECT_FALSE(watch.look_at(healthy()));
  EXPECT_TRUE(after(watch, without_variance(), kSteps));
}

TEST(CollapseWatch, LeavesAHealthyRunAlone) {
  CollapseWatch watch({.margin = 0.2});
  EXPECT_FALSE(after(watch, healthy(), 5 * kSteps));
}

TEST(CollapseWatch, ALossAtTheMarginWithDistancesApartIsNoCollapse) {
  CollapseWatch watch({.margin = 0.2});
  StepMeasures measures = at_the_margin();
  measures.mining.negative_distance = 0.9;
  EXPECT_FALSE(after(watch, measures, 2 * kSteps));
}

TEST(CollapseWatch, ASoftMarginHasNoMarginToStickAt) {
  CollapseWatch watch({.margin = 0.2, .soft_margin = true});
  EXPECT_FALSE(after(watch, at_the_margin(), 2 * kSteps));
  EXPECT_TRUE(after(watch, without_variance(), kSteps));
}

}  // namespace
}  // namespace likeness
