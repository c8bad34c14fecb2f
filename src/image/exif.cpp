#include "image/exif.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace likeness {
namespace {

/// Numbers in the byte order that the block names; nothing where the block ends too soon.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> block, bool big_endian)
      : block_(block), big_endian_(big_endian) {}

  std::optional<std::uint32_t> number(std::size_t offset, std::size_t bytes) const {
    if (offset > block_.size() || block_.size() - offset < bytes) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = value << 8 | block_[offset + (big_endian_ ? i : bytes - 1 - i)];
    return value;
  }

 private:
  std::span<const std::uint8_t> block_;
  bool big_endian_;
};

bool starts_with(std::span<const std::uint8_t> block, std::string_view text) {
  return block.size() >= text.size() &&
         std::equal(text.begin(), text.end(), block.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> block) {
  using std::string_view_literals::operator""sv;
  constexpr int kUpright = 1;
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::uint32_t kShort = 3;
  constexpr std::uint32_t kLong = 4;
  if (starts_with(block, "Exif\0\0"sv)) block = block.subspan(6);
  const bool big_endian = starts_with(block, "MM"sv);
  if (!big_endian && !starts_with(block, "II"sv)) return kUpright;

  const Reader reader(block, big_endian);
  const auto directory = reader.number(4, 4);
  if (reader.number(2, 2) != 42U || !directory) return kUpright;
  const std::uint32_t entries = reader.number(*directory, 2).value_or(0);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + std::size_t{12} * i;
    const auto tag = reader.number(entry, 2);
    if (!tag) return kUpright;
    if (*tag != kOrientationTag) continue;
    const auto type = reader.number(entry + 2, 2);
    if (type != kShort && type != kLong) return kUpright;
    const std::uint32_t value = reader.number(entry + 8, type == kShort ? 2 : 4).value_or(kUpright);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

}  // namespace likeness
