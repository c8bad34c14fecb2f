#pragma once

/// How many requests a key may make: a token bucket for the rate, a count for the day. The clock is
/// the caller's, so that tests need not wait. Safe to use from many threads.
///
///     RateLimiter limiter({.rate_per_minute = 600});
///     limiter.admit(caller.id, key.limits, std::chrono::system_clock::now());  // or a Problem

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <likeness/serve/api_keys.h>

namespace likeness::serve {

class RateLimiter {
 public:
  using Clock = std::chrono::system_clock;  // a day is one of the calendar
  using Time = Clock::time_point;

  /// `defaults`: for keys without limits of their own; nothing there: none.
  explicit RateLimiter(const KeyLimits& defaults) : defaults_(defaults) {}

  /// Counts a request of `key_id` (empty: callers without a key, together). A bucket holds the
  /// requests of one minute and fills evenly, so a client may make them all at once and then has to
  /// wait for each. Throws Problem(429), and the request is not counted: rate_limited, with the
  /// seconds until the next is admitted; quota_exceeded, with those until midnight (UTC).
  void admit(const std::string& key_id, const KeyLimits& limits, Time now);

  /// So many keys are remembered. Beyond that, the one that has been silent for longest starts
  /// afresh; as a file of keys holds fewer, that does not happen to keys that exist.
  static constexpr std::size_t kMaxKeys = 20'000;
  std::size_t remembered() const;

 private:
  struct Use {
    double tokens = 0;
    Time last = {};
    std::int64_t day = 0;
    std::int64_t today = 0;
  };
  Use& use_of(const std::string& key_id, double tokens, Time now);

  const KeyLimits defaults_;
  mutable std::mutex mutex_;
  std::map<std::string, Use> uses_;
};

}  // namespace likeness::serve
