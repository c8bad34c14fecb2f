#include "serve/guard.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <arpa/inet.h>
#include <likeness/core/text.h>
#include <likeness/gallery/gallery.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view secret_of(const HttpRequest& request) {
  if (const std::string_view key = request.header("x-api-key"); !key.empty()) return key;
  const std::string_view text = request.header("authorization");
  return text.starts_with(kBearer) ? text.substr(kBearer.size()) : std::string_view();
}

/// "localhost" of "localhost:8080", "::1" of "[::1]:8080".
std::string without_port(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.find(':')));
}

/// "localhost:8080" of "http://localhost:8080".
std::string_view without_scheme(std::string_view origin) {
  const std::size_t colon = origin.find("://");
  return colon == std::string_view::npos ? origin : origin.substr(colon + 3);
}

}  // namespace

bool is_loopback(const std::string& host) {
  // Not by how it begins: 127.0.0.1.example.org is anybody's name.
  in_addr address = {};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1)
    return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
  return host == "localhost" || host == "::1";
}

Guard::Guard(ApiKeys& keys, const KeyLimits& defaults, std::vector<std::string> origins)
    : keys_(keys), keyed_(keys.any()), limiter_(defaults), origins_(std::move(origins)) {}

Caller Guard::admit(const Route& route, const HttpRequest& request) {
  if (route.open) return {.name = "anonymous"};
  if (keyed_ || keys_.any()) {
    keyed_ = true;
    return by_key(route, request);
  }
  check_local(request);
  limiter_.admit({}, {}, RateLimiter::Clock::now());
  return {.name = "local", .role = Role::admin};
}

Caller Guard::by_key(const Route& route, const HttpRequest& request) {
  const auto now = AuthThrottle::Clock::now();
  const std::string_view secret = secret_of(request);
  const auto key = secret.empty() ? std::nullopt : keys_.find(secret);
  if (!key) {
    // Behind a proxy all clients have one address, so those with a key are not made to wait.
    throttle_.admit(request.address, now);
    throttle_.failed(request.address, now);
    throw Problem(401, "unauthorized",
                  secret.empty() ? "a key is needed: send it in the header x-api-key"
                                 : "the key is not known here, or was revoked");
  }
  limiter_.admit(key->id, key->limits, RateLimiter::Clock::now());
  if (key->role < route.role)
    throw Problem(403, "forbidden",
                  "this needs a key with the role '" + std::string(to_string(route.role)) +
                      "'; this one has '" + std::string(to_string(key->role)) + "'");
  {
    const std::scoped_lock lock(mutex_);
    last_used_[key->id] = utc_now();
  }
  return {.id = key->id, .name = key->name, .role = key->role};
}

void Guard::check_local(const HttpRequest& request) const {
  if (const std::string_view host = request.header("host");
      !host.empty() && !is_loopback(without_port(host)))
    throw Problem(403, "forbidden",
                  "while the service has no keys it answers only to the names of this machine, "
                  "not to " +
                      in_quotes(host) + "; make a key: likeness keys create --role admin");
  const std::string_view origin = request.header("origin");
  if (origin.empty() || without_scheme(origin) == request.header("host")) return;
  if (std::find(origins_.begin(), origins_.end(), origin) == origins_.end())
    throw Problem(403, "forbidden", "pages of " + in_quotes(origin) + " may not call this service");
}

std::optional<std::string> Guard::last_used(const std::string& key_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = last_used_.find(key_id);
  if (found == last_used_.end()) return {};
  return found->second;
}

}  // namespace likeness::serve
