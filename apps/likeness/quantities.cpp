#include "quantities.h"

#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include <likeness/core/error.h>

namespace likeness::cli {
namespace {

/// A number and the unit behind it.
std::pair<double, std::string> split_number(const std::string& text, const std::string& option) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value <= 0)
    throw Error(ErrorCode::invalid_argument, option + " " + text + ": not a number above 0");
  return {value, std::string(end, text.data() + text.size())};
}

double with_unit(const std::string& text, const std::string& option,
                 const std::map<std::string, double>& units, const char* expected) {
  const auto [value, unit] = split_number(text, option);
  const auto found = units.find(unit);
  if (found == units.end())
    throw Error(ErrorCode::invalid_argument,
                option + " " + text + ": unit '" + unit + "' is not known; use " + expected);
  return value * found->second;
}

}  // namespace

double parse_duration(const std::string& text, const std::string& option) {
  return with_unit(text, option, {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}},
                   "s, m or h");
}

std::int64_t parse_bytes(const std::string& text, const std::string& option) {
  constexpr double kKilo = 1024;
  const double bytes = with_unit(text, option,
                                 {{"", 1},
                                  {"K", kKilo},
                                  {"KB", kKilo},
                                  {"M", kKilo * kKilo},
                                  {"MB", kKilo * kKilo},
                                  {"G", kKilo * kKilo * kKilo},
                                  {"GB", kKilo * kKilo * kKilo}},
                                 "M or G");
  if (bytes > 1e15) throw Error(ErrorCode::invalid_argument, option + " " + text + ": too large");
  return static_cast<std::int64_t>(bytes);
}

}  // namespace likeness::cli
