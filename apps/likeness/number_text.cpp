#include "number_text.h"

#include <cmath>
#include <cstdio>

namespace likeness::cli {
namespace {

std::string with_commas(long long value) {
  std::string text = std::to_string(value);
  for (int place = static_cast<int>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<std::size_t>(place), ",");
  return text;
}

}  // namespace

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

std::string percent(double share) {
  if (share > 0.999) return "> 99.9 %";
  if (share < 0.001) return "< 0.1 %";
  return fixed(share * 100, 1) + " %";
}

std::string percentage(double share) {
  return fixed(100 * share, 2) + " %";
}

std::string one_in(double rate) {
  if (!(rate > 0)) return "none";
  const double exact = 1 / rate;
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(exact)) - 1));
  return "1 in " + with_commas(std::llround(std::round(exact / unit) * unit));
}

}  // namespace likeness::cli
