#include "base64.h"

#include <bit>
#include <cstring>

#include <likeness/core/error.h>
#include <sodium.h>

namespace likeness::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as in memory");

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

Bytes from_base64(const std::string& text) {
  Bytes bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, kVariant) != 0)
    throw Error(ErrorCode::corrupt_file, "is not base64");
  bytes.resize(size);
  return bytes;
}

std::string to_base64(const Encoding& encoding) {
  const auto* numbers = reinterpret_cast<const std::uint8_t*>(encoding.data());
  return to_base64(std::span(numbers, encoding.size() * sizeof(float)));
}

Encoding encoding_from_base64(const std::string& text) {
  const Bytes numbers = from_base64(text);
  if (numbers.size() % sizeof(float) != 0)
    throw Error(ErrorCode::corrupt_file, "has half a number in its encoding");
  Encoding encoding(numbers.size() / sizeof(float));
  std::memcpy(encoding.data(), numbers.data(), numbers.size());
  return encoding;
}

}  // namespace likeness::cli
