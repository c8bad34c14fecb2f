#pragma once

/// Who asks, and may they? Keys, roles, rates, and what protects a service that has no keys yet.
/// Safe to use from many threads.

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <likeness/serve/api_keys.h>

#include "serve/auth_throttle.h"
#include "serve/rate_limiter.h"
#include "serve/router.h"

namespace likeness::serve {

/// Whether `host` names this machine alone: localhost, 127.0.0.0/8, ::1.
bool is_loopback(const std::string& host);

class Guard {
 public:
  /// `keys` must live as long. `origins`: of pages that may call beside our own.
  Guard(ApiKeys& keys, const KeyLimits& defaults, std::vector<std::string> origins);

  /// The caller, once their request is counted. The key stands in x-api-key or in Authorization:
  /// Bearer. Until the first key is seen whoever reaches the service may do everything, so a page
  /// of another origin, or one whose name was made to point here (DNS rebinding), is refused.
  /// Throws Problem: 401 unauthorized, 403 forbidden, 429 rate_limited and quota_exceeded.
  Caller admit(const Route& route, const HttpRequest& request);

  /// When a key was used last since the service started, as utc_now() writes it.
  std::optional<std::string> last_used(const std::string& key_id) const;

 private:
  Caller by_key(const Route& route, const HttpRequest& request);
  void check_local(const HttpRequest& request) const;

  ApiKeys& keys_;
  /// A key was seen: whatever becomes of the file, nobody is let in without one any more.
  std::atomic<bool> keyed_ = false;
  RateLimiter limiter_;
  AuthThrottle throttle_;
  std::vector<std::string> origins_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> last_used_;
};

}  // namespace likeness::serve
