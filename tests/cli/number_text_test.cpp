#include "number_text.h"

#include <gtest/gtest.h>

namespace likeness::cli {
namespace {

TEST(NumberText, FixedRoundsToItsDigits) {
  EXPECT_EQ(fixed(0.41249, 3), "0.412");
  EXPECT_EQ(fixed(2, 1), "2.0");
  EXPECT_EQ(fixed(-0.5, 2), "-0.50");
}

TEST(NumberText, PercentNeverClaimsCertainty) {
  EXPECT_EQ(percent(0.998), "99.8 %");
  EXPECT_EQ(percent(0.5), "50.0 %");
  EXPECT_EQ(percent(1), "> 99.9 %");
  EXPECT_EQ(percent(0.9996), "> 99.9 %");
  EXPECT_EQ(percent(0), "< 0.1 %");
  EXPECT_EQ(percent(0.0004), "< 0.1 %");
}

TEST(NumberText, PercentageHasTwoDigitsEverywhere) {
  EXPECT_EQ(percentage(0.99346), "99.35 %");
  EXPECT_EQ(percentage(1), "100.00 %");
  EXPECT_EQ(percentage(0), "0.00 %");
}

TEST(NumberText, OneInHasTwoDigitsThatCount) {
  EXPECT_EQ(one_in(1), "1 in 1");
  EXPECT_EQ(one_in(0.5), "1 in 2");
  EXPECT_EQ(one_in(1e-3), "1 in 1,000");
  EXPECT_EQ(one_in(1.0 / 6123), "1 in 6,100");
  EXPECT_EQ(one_in(1e-7), "1 in 10,000,000");
  EXPECT_EQ(one_in(0), "none");
}

}  // namespace
}  // namespace likeness::cli
