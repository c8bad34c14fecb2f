#include "encoding_text.h"

#include <bit>
#include <cstring>

#include <likeness/core/error.h>

namespace likeness::cli {

static_assert(std::endian::native == std::endian::little, "numbers are written as in memory");

std::string to_base64(const Encoding& encoding) {
  const auto* numbers = reinterpret_cast<const std::uint8_t*>(encoding.data());
  return likeness::to_base64(std::span(numbers, encoding.size() * sizeof(float)));
}

Encoding encoding_from_base64(std::string_view text) {
  const Bytes numbers = from_base64(text);
  if (numbers.size() % sizeof(float) != 0)
    throw Error(ErrorCode::corrupt_file, "has half a number in its encoding");
  Encoding encoding(numbers.size() / sizeof(float));
  std::memcpy(encoding.data(), numbers.data(), numbers.size());
  return encoding;
}

}  // namespace likeness::cli
