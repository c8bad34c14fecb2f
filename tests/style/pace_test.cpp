#include "style/pace.h"

#include <gtest/gtest.h>

namespace likeness {
namespace {

TEST(Pace, AStepTakesAsLongAsItsPixelsAndViewsDid) {
  Pace pace;
  const Stage small{.size = {100, 50}, .views = 1};
  EXPECT_EQ(pace.seconds_for_step(small, false), 0) << "nothing is known";
  pace.note(small, 2, 1);
  EXPECT_DOUBLE_EQ(pace.seconds_for_step(small, false), 0.75) << "and half an evaluation behind";
  EXPECT_DOUBLE_EQ(pace.seconds_for_step(small, true), 1.25);
  const Stage large{.size = {200, 50}, .views = 4};
  EXPECT_DOUBLE_EQ(pace.seconds_for_step(large, false), 8 * 0.5 * 1.125);
  pace.note(large, 7, 14);
  EXPECT_DOUBLE_EQ(pace.seconds_for_step(large, false), 4 * 2 + 1) << "the first view was known";
}

TEST(Standstill, IsReachedWhenTenStepsGainLessThanTenTimesTheTolerance) {
  Standstill standstill(0.01);
  double value = 100;
  for (int i = 0; i < 30; ++i, value *= 0.98) EXPECT_FALSE(standstill.reached_at(value)) << i;
  int more = 1;
  while (!standstill.reached_at(value)) ++more;
  EXPECT_EQ(more, 6) << "less than a tenth of what it was ten steps ago is gained";
  Standstill never(0);
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(never.reached_at(1)) << i;
}

}  // namespace
}  // namespace likeness
