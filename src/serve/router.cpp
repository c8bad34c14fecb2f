#include "serve/router.h"

#include <charconv>
#include <set>
#include <string_view>

#include <likeness/core/text.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

using Segments = std::vector<std::string>;

Segments split(std::string_view path) {
  Segments parts;
  while (!path.empty() && path.front() == '/') {
    const std::size_t end = path.find('/', 1);
    parts.emplace_back(path.substr(1, end == std::string_view::npos ? end : end - 1));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return parts;
}

std::optional<unsigned> hex_value(std::string_view two) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value, 16);
  if (error != std::errc() || end != two.data() + 2) return {};
  return value;
}

/// %2F and the like; '+' stays what it is in a path.
std::string decode(std::string_view segment) {
  std::string text;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      text += segment[i];
      continue;
    }
    const auto value = hex_value(segment.substr(i + 1, 2));
    if (!value)
      throw Problem(400, "invalid_request",
                    "the path has a broken escape at " + in_quotes(segment.substr(i, 3)));
    text += static_cast<char>(*value);
    i += 2;
  }
  return text;
}

Segments decoded_segments(std::string_view path) {
  Segments parts = split(path);
  for (std::string& part : parts) part = decode(part);
  return parts;
}

bool is_value(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// The values where `given` fits the pattern `wanted`.
std::optional<std::map<std::string, std::string>> match(const Segments& wanted,
                                                        const Segments& given) {
  if (wanted.size() != given.size()) return {};
  std::map<std::string, std::string> values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_value(wanted[i])) {
      if (given[i].empty()) return {};
      values.emplace(wanted[i].substr(1, wanted[i].size() - 2), given[i]);
    } else if (wanted[i] != given[i]) {
      return {};
    }
  }
  return values;
}

}  // namespace

void Router::add(Route route) {
  patterns_.push_back(split(route.pattern));
  routes_.push_back(std::move(route));
}

Router::Found Router::find(const std::string& method, const std::string& path) const {
  const std::string wanted = method == "HEAD" ? "GET" : method;
  const Segments given = decoded_segments(path);
  Found found;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (routes_[i].method != wanted) continue;
    auto values = match(patterns_[i], given);
    // Of two that fit, the one with more text wins: /people/identify before /people/{name}.
    if (values && (found.route == nullptr || values->size() < found.values.size()))
      found = {&routes_[i], *std::move(values)};
  }
  if (found.route != nullptr) return found;
  std::string known;
  for (const std::string& other : methods(path)) known += (known.empty() ? "" : ", ") + other;
  if (known.empty()) throw Problem(404, "not_found", "there is nothing at " + in_quotes(path));
  throw Problem(405, "method_not_allowed",
                in_quotes(path) + " does not know " + method + "; it knows " + known);
}

std::vector<std::string> Router::methods(const std::string& path) const {
  const Segments given = decoded_segments(path);
  std::set<std::string> known;
  for (std::size_t i = 0; i < routes_.size(); ++i)
    if (match(patterns_[i], given)) known.insert(routes_[i].method);
  if (known.contains("GET")) known.insert("HEAD");
  return {known.begin(), known.end()};
}

}  // namespace likeness::serve
