#include "serve/auth_throttle.h"

#include <gtest/gtest.h>

#include "serve/problem_of.h"

namespace likeness::serve {
namespace {

using namespace std::chrono_literals;

const AuthThrottle::Time kStart{1000s};

TEST(AuthThrottle, RefusesAnAddressAfterTenFailuresInAMinute) {
  AuthThrottle throttle;
  for (int i = 0; i < 10; ++i) {
    const AuthThrottle::Time now = kStart + std::chrono::seconds(i);
    EXPECT_NO_THROW(throttle.admit("192.0.2.1", now));
    throttle.failed("192.0.2.1", now);
  }
  const Problem refused = problem_of([&] { throttle.admit("192.0.2.1", kStart + 9500ms); });
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.code(), "rate_limited");
  EXPECT_EQ(refused.retry_after(), 51);
  EXPECT_NO_THROW(throttle.admit("192.0.2.2", kStart + 10s)) << "somebody else";
  EXPECT_EQ(problem_of([&] { throttle.admit("192.0.2.1", kStart + 59s); }).retry_after(), 1);
  // One failure is a minute old: one more may be tried.
  EXPECT_NO_THROW(throttle.admit("192.0.2.1", kStart + 60s));
  throttle.failed("192.0.2.1", kStart + 60s);
  EXPECT_EQ(problem_of([&] { throttle.admit("192.0.2.1", kStart + 60s); }).retry_after(), 1);
}

TEST(AuthThrottle, FailuresThatAreFarApartHarmNobody) {
  AuthThrottle throttle;
  for (int i = 0; i < 100; ++i) {
    throttle.failed("192.0.2.1", kStart + 7s * i);
    EXPECT_NO_THROW(throttle.admit("192.0.2.1", kStart + 7s * i)) << i;
  }
  throttle.admit("192.0.2.1", kStart + 2000s);
  EXPECT_EQ(throttle.remembered(), 0U) << "what is long past is forgotten";
}

TEST(AuthThrottle, AllAddressesOfOneNetworkCountTogether) {
  AuthThrottle throttle;
  for (int i = 0; i < 10; ++i) throttle.failed("2001:db8:1:2::" + std::to_string(i), kStart);
  EXPECT_EQ(problem_of([&] { throttle.admit("2001:db8:1:2:ffff::1", kStart); }).status(), 429);
  EXPECT_NO_THROW(throttle.admit("2001:db8:1:3::1", kStart));
  EXPECT_EQ(network_of("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of(""), "");
}

TEST(AuthThrottle, RemembersABoundedNumberOfAddresses) {
  AuthThrottle throttle;
  for (int i = 0; i < 10; ++i) throttle.failed("persistent", kStart + 10s);
  for (std::size_t i = 0; i < 2 * AuthThrottle::kMaxAddresses; ++i)
    throttle.failed("a" + std::to_string(i), kStart + std::chrono::milliseconds(i % 5000));
  EXPECT_EQ(throttle.remembered(), AuthThrottle::kMaxAddresses);
  EXPECT_EQ(problem_of([&] { throttle.admit("persistent", kStart + 10s); }).status(), 429);
}

}  // namespace
}  // namespace likeness::serve
