#include "serve/rate_limiter.h"

#include <gtest/gtest.h>

#include "serve/problem_of.h"

namespace likeness::serve {
namespace {

using namespace std::chrono_literals;

/// 2026-01-31 23:00:00 UTC.
const RateLimiter::Time kEndOfMonth = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 23h;

TEST(RateLimiter, AdmitsAMinutesWorthAtOnceAndThenEvenly) {
  RateLimiter limiter({});
  const KeyLimits limits = {.rate_per_minute = 6};
  for (int i = 0; i < 6; ++i) limiter.admit("a", limits, kEndOfMonth);
  const Problem refused = problem_of([&] { limiter.admit("a", limits, kEndOfMonth); });
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.code(), "rate_limited");
  EXPECT_EQ(refused.retry_after(), 10);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 3500ms); }).retry_after(), 7);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 9990ms); }).retry_after(), 1);
  limiter.admit("a", limits, kEndOfMonth + 10s);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 10s); }).retry_after(), 10);
  // Silence fills the bucket, no further.
  for (int i = 0; i < 6; ++i) limiter.admit("a", limits, kEndOfMonth + 50min);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 50min); }).code(),
            "rate_limited");
}

TEST(RateLimiter, WhoeverWaitsAsLongAsToldIsAdmitted) {
  RateLimiter limiter({});
  for (const int rate : {1, 7, 59, 61, 600}) {
    const KeyLimits limits = {.rate_per_minute = rate};
    const std::string id = std::to_string(rate);
    for (int i = 0; i < rate; ++i) limiter.admit(id, limits, kEndOfMonth);
    RateLimiter::Time now = kEndOfMonth;
    for (int i = 0; i < 20; ++i) {
      const Problem refused = problem_of([&] {
        while (true) limiter.admit(id, limits, now);
      });
      ASSERT_TRUE(refused.retry_after());
      now += std::chrono::seconds(*refused.retry_after());
      EXPECT_NO_THROW(limiter.admit(id, limits, now)) << rate;
    }
  }
}

TEST(RateLimiter, TheQuotaEndsAtMidnight) {
  RateLimiter limiter({});
  const KeyLimits limits = {.daily_quota = 2};
  limiter.admit("a", limits, kEndOfMonth);
  limiter.admit("a", limits, kEndOfMonth + 1min);
  const Problem refused =
      problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 59min + 500ms); });
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.code(), "quota_exceeded");
  EXPECT_EQ(refused.retry_after(), 60);
  limiter.admit("b", limits, kEndOfMonth + 59min);
  limiter.admit("a", limits, kEndOfMonth + 1h);
  limiter.admit("a", limits, kEndOfMonth + 2h);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 2h); }).retry_after(),
            23 * 60 * 60);
}

TEST(RateLimiter, WhatIsRefusedIsNotCounted) {
  RateLimiter limiter({});
  const KeyLimits limits = {.rate_per_minute = 1, .daily_quota = 2};
  limiter.admit("a", limits, kEndOfMonth);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 1s); }).code(),
              "rate_limited");
  limiter.admit("a", limits, kEndOfMonth + 1min);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth + 2min); }).code(),
            "quota_exceeded");
}

TEST(RateLimiter, KeysWithoutLimitsTakeTheDefaults) {
  RateLimiter limiter({.rate_per_minute = 1});
  limiter.admit("", {}, kEndOfMonth);
  EXPECT_EQ(problem_of([&] { limiter.admit("", {}, kEndOfMonth); }).code(), "rate_limited");
  limiter.admit("other", {}, kEndOfMonth);  // keys do not disturb each other
  for (int i = 0; i < 100; ++i) limiter.admit("mine", {.rate_per_minute = 100}, kEndOfMonth);

  RateLimiter open({});
  for (int i = 0; i < 10'000; ++i) open.admit("a", {}, kEndOfMonth);
  EXPECT_EQ(open.remembered(), 0U);
}

TEST(RateLimiter, AClockThatIsSetBackLocksNobodyOut) {
  RateLimiter limiter({});
  const KeyLimits limits = {.rate_per_minute = 60};
  for (int i = 0; i < 60; ++i) limiter.admit("a", limits, kEndOfMonth);
  EXPECT_EQ(problem_of([&] { limiter.admit("a", limits, kEndOfMonth - 5h); }).retry_after(), 1);
  limiter.admit("a", limits, kEndOfMonth - 5h + 1s);
}

TEST(RateLimiter, RemembersABoundedNumberOfKeys) {
  RateLimiter limiter({.rate_per_minute = 1});
  for (std::size_t i = 0; i < RateLimiter::kMaxKeys; ++i)
    limiter.admit(std::to_string(i), {}, kEndOfMonth + std::chrono::milliseconds(i));
  limiter.admit("one more", {}, kEndOfMonth + 30s);
  EXPECT_EQ(limiter.remembered(), RateLimiter::kMaxKeys);
  EXPECT_EQ(problem_of([&] { limiter.admit("1", {}, kEndOfMonth + 30s); }).code(), "rate_limited");
  EXPECT_NO_THROW(limiter.admit("0", {}, kEndOfMonth + 30s))
      << "the one that was silent for longest";
}

}  // namespace
}  // namespace likeness::serve
