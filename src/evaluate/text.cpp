#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/evaluate/text.h>

namespace likeness {

std::string fixed(double value, int digits) {
  std::array<char, 400> text{};  // the longest double has 309 digits before the point
  const auto [end, error] =
      std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, digits);
  LIKENESS_CHECK(error == std::errc());
  return {text.begin(), end};
}

std::string percent(double share, int digits) {
  return fixed(100 * share, digits) + " %";
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      result += k <= count ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return result;
}

}  // namespace likeness
