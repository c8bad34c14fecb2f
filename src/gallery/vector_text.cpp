#include "gallery/vector_text.h"

#include <array>
#include <charconv>

#include <likeness/core/error.h>

namespace likeness {

std::string vector_text(std::span<const float> encoding) {
  std::string text = "[";
  std::array<char, 32> digits;
  for (const float value : encoding) {
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    if (text.size() > 1) text += ',';
    text.append(digits.data(), result.ptr);
  }
  return text + "]";
}

Encoding parse_vector(std::string_view text) {
  Encoding encoding;
  const char* place = text.data();
  const char* const end = place + text.size();
  while (place != end && *place != ']') {
    float value = 0;
    const auto result = std::from_chars(++place, end, value);
    if (result.ec != std::errc{} || result.ptr == end || (*result.ptr != ',' && *result.ptr != ']'))
      throw Error(ErrorCode::corrupt_file, "an encoding in the gallery cannot be read");
    encoding.push_back(value);
    place = result.ptr;
  }
  return encoding;
}

}  // namespace likeness
