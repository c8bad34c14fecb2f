#pragma once

/// Slows down who guesses keys: an address from which ten requests within a minute came with a
/// wrong key or none is refused until the oldest of them is a minute old. The clock is the
/// caller's. Safe to use from many threads.
///
///     throttle.admit(address, now);                      // before the key is looked at
///     if (!keys.find(secret)) throttle.failed(address, now);

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace likeness::serve {

class AuthThrottle {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  static constexpr std::size_t kFailures = 10;
  static constexpr std::chrono::seconds kWindow{60};
  /// So many addresses are remembered; beyond that, the one whose last failure is oldest is
  /// forgotten.
  static constexpr std::size_t kMaxAddresses = 4096;

  /// Throws Problem(429) rate_limited with the seconds to wait.
  void admit(const std::string& address, Time now);
  void failed(const std::string& address, Time now);

  std::size_t remembered() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Time>> failures_;  ///< by network_of(address), oldest first
};

/// Whom an address stands for: an IPv4 address itself (also as ::ffff:192.0.2.1), the /64 network
/// of an IPv6 address, as one customer has all addresses of that; other text as it is.
std::string network_of(const std::string& address);

}  // namespace likeness::serve
