#include "serve/auth_throttle.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

void forget_old(std::deque<AuthThrottle::Time>& times, AuthThrottle::Time now) {
  while (!times.empty() && now - times.front() >= AuthThrottle::kWindow) times.pop_front();
}

}  // namespace

void AuthThrottle::admit(const std::string& address, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(network_of(address));
  if (found == failures_.end()) return;
  forget_old(found->second, now);
  if (found->second.empty()) {
    failures_.erase(found);
    return;
  }
  if (found->second.size() < kFailures) return;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(found->second.front() + kWindow - now);
  throw Problem(429, "rate_limited", "too many requests with a wrong key came from this address",
                static_cast<int>(wait.count()));
}

void AuthThrottle::failed(const std::string& address, Time now) {
  const std::lock_guard lock(mutex_);
  const std::string network = network_of(address);
  if (failures_.size() >= kMaxAddresses && !failures_.contains(network))
    failures_.erase(std::min_element(
        failures_.begin(), failures_.end(),
        [](const auto& a, const auto& b) { return a.second.back() < b.second.back(); }));
  std::deque<Time>& times = failures_[network];
  forget_old(times, now);
  times.push_back(now);
  if (times.size() > kFailures) times.pop_front();
}

std::size_t AuthThrottle::remembered() const {
  const std::lock_guard lock(mutex_);
  return failures_.size();
}

std::string network_of(const std::string& address) {
  in6_addr six = {};
  if (::inet_pton(AF_INET6, address.c_str(), &six) != 1) return address;
  std::array<char, INET6_ADDRSTRLEN> text;
  if (IN6_IS_ADDR_V4MAPPED(&six))
    return ::inet_ntop(AF_INET, &six.s6_addr[12], text.data(), text.size());
  std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
  return std::string(::inet_ntop(AF_INET6, &six, text.data(), text.size())) + "/64";
}

}  // namespace likeness::serve
