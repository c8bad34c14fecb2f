#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <likeness/core/text.h>

namespace likeness {
namespace {

struct Character {
  std::size_t bytes = 1;
  std::uint32_t code = 0;
  bool valid = false;
};

/// The first character of `text`, which is not empty; one invalid byte where it is not UTF-8
/// (RFC 3629: no longer forms than needed, no surrogates, nothing above U+10FFFF).
Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return {bytes, code, !too_long && !surrogate && code <= 0x10FFFF};
}

bool is_control(std::uint32_t code) {
  const bool line_end = code == 0x2028 || code == 0x2029;
  // These turn the reading direction of what follows around.
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || line_end || direction;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxBytes = 120;
  std::string result = "'";
  std::size_t used = 0;
  while (used < text.size()) {
    const Character character = first_character(text.substr(used));
    const std::size_t bytes = character.valid ? character.bytes : 1;
    if (used + bytes > kMaxBytes) return result + "…'";
    if (character.valid && !is_control(character.code))
      result += text.substr(used, bytes);
    else
      result += '?';
    used += bytes;
  }
  return result + "'";
}

std::string number_text(double value) {
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

std::string comma_list(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace likeness
