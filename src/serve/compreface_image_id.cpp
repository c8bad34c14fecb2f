#include "serve/compreface_image_id.h"

#include <cstdio>
#include <optional>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "serve/compreface_refusal.h"

namespace likeness::serve {
namespace {

struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

/// "likene", version 8, eleven bits of nothing and the number's highest bit.
constexpr std::uint64_t kHigh = 0x6c696b656e658000;
constexpr std::uint64_t kVariant = 0x8000000000000000;
constexpr int kLowBits = 62;
constexpr std::uint64_t kLowMask = (std::uint64_t{1} << kLowBits) - 1;

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return {};
  Uuid uuid;
  int digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return {};
      continue;
    }
    std::uint64_t value = 0;
    if (c >= '0' && c <= '9')
      value = static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = static_cast<std::uint64_t>(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
      value = static_cast<std::uint64_t>(c - 'A') + 10;
    else
      return {};
    std::uint64_t& half = digits++ < 16 ? uuid.high : uuid.low;
    half = half << 4 | value;
  }
  return uuid;
}

}  // namespace

std::string image_id(std::int64_t example) {
  LIKENESS_CHECK(example >= 0);
  const auto number = static_cast<std::uint64_t>(example);
  const std::uint64_t high = kHigh | number >> kLowBits;
  const std::uint64_t low = kVariant | (number & kLowMask);
  char text[37];
  std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xffff), static_cast<unsigned>(low >> 48),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return text;
}

std::int64_t example_of_image(std::string_view id) {
  const std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid)
    throw Problem(400, "invalid_argument",
                  "image_id: " + in_quotes(id) + " is not a UUID as /recognition/faces lists them");
  if ((uuid->high | 1) != (kHigh | 1) || (uuid->low & ~kLowMask) != kVariant)
    throw unknown_image(std::string(id));
  return static_cast<std::int64_t>((uuid->high & 1) << kLowBits | (uuid->low & kLowMask));
}

}  // namespace likeness::serve
