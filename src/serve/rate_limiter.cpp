#include "serve/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

using Seconds = std::chrono::duration<double>;

std::int64_t day_of(RateLimiter::Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

int seconds_until_midnight(RateLimiter::Time now) {
  const auto midnight = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  return static_cast<int>(std::ceil(Seconds(midnight - now).count()));
}

}  // namespace

void RateLimiter::admit(const std::string& key_id, const KeyLimits& limits, Time now) {
  const auto rate = limits.rate_per_minute ? limits.rate_per_minute : defaults_.rate_per_minute;
  const auto quota = limits.daily_quota ? limits.daily_quota : defaults_.daily_quota;
  if (!rate && !quota) return;
  const std::lock_guard lock(mutex_);
  Use& use = use_of(key_id, rate.value_or(1), now);
  if (use.day != day_of(now)) use.today = 0;
  use.day = day_of(now);
  if (quota && use.today >= *quota)
    throw Problem(429, "quota_exceeded",
                  "this key's " + std::to_string(*quota) +
                      " requests of today are used up; the next day begins at midnight, UTC",
                  seconds_until_midnight(now));
  if (rate) {
    const double per_second = *rate / 60.0;
    // A clock that was set back gives nothing and takes nothing.
    const double passed = std::max(0.0, Seconds(now - use.last).count());
    use.tokens = std::min<double>(*rate, use.tokens + passed * per_second);
    use.last = now;
    constexpr double kRounding = 1e-9;  // of many small additions
    if (use.tokens < 1 - kRounding)
      throw Problem(
          429, "rate_limited", "this key may make " + std::to_string(*rate) + " requests a minute",
          std::max(1, static_cast<int>(std::ceil((1 - use.tokens) / per_second - kRounding))));
    use.tokens -= 1;
  }
  use.last = now;
  ++use.today;
}

RateLimiter::Use& RateLimiter::use_of(const std::string& key_id, double tokens, Time now) {
  if (const auto found = uses_.find(key_id); found != uses_.end()) return found->second;
  if (uses_.size() >= kMaxKeys)
    uses_.erase(std::min_element(uses_.begin(), uses_.end(), [](const auto& a, const auto& b) {
      return a.second.last < b.second.last;
    }));
  return uses_.emplace(key_id, Use{.tokens = tokens, .last = now, .day = day_of(now)})
      .first->second;
}

std::size_t RateLimiter::remembered() const {
  const std::lock_guard lock(mutex_);
  return uses_.size();
}

}  // namespace likeness::serve
