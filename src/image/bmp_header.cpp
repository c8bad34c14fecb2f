#include "image/bmp_header.h"

#include <algorithm>
#include <bit>
#include <initializer_list>

namespace likeness {
namespace {

constexpr std::uint32_t kInfoHeader = 40;

bool is_known_header(std::uint32_t size) {
  static constexpr std::array<std::uint32_t, 7> kSizes = {
      kBmpCoreHeader, kInfoHeader, 52, 56, 64, 108, 124};
  return std::find(kSizes.begin(), kSizes.end(), size) != kSizes.end();
}

void read_masks(const BmpReader& reader, BmpHeader& header) {
  const bool fields = header.compression == BmpCompression::bit_fields ||
                      header.compression == BmpCompression::alpha_bit_fields;
  if (!fields) {
    if (header.bits == 16) header.masks = {0x7C00, 0x03E0, 0x001F, 0};
    if (header.bits == 24 || header.bits == 32) header.masks = {0xFF0000, 0x00FF00, 0x0000FF, 0};
    return;
  }
  const bool alpha = header.size >= 56 || header.compression == BmpCompression::alpha_bit_fields;
  for (std::size_t i = 0; i < (alpha ? 4U : 3U); ++i)
    header.masks[i] = reader.number(kBmpFileHeader + kInfoHeader + 4 * i, 4);
}

void check_kind(const Encoded& encoded, const BmpHeader& header) {
  const auto fits = [&header](BmpCompression compression, std::initializer_list<int> bits) {
    return header.compression == compression &&
           std::find(bits.begin(), bits.end(), header.bits) != bits.end();
  };
  const bool known = fits(BmpCompression::none, {1, 4, 8, 16, 24, 32}) ||
                     fits(BmpCompression::run_length_8, {8}) ||
                     fits(BmpCompression::run_length_4, {4}) ||
                     fits(BmpCompression::bit_fields, {16, 32}) ||
                     fits(BmpCompression::alpha_bit_fields, {16, 32});
  // The compressions of OS/2 2.x (header of 64 bytes) reuse these numbers for something else.
  if (!known || (header.size == 64 && header.compression != BmpCompression::none))
    encoded.throw_unsupported("a kind of BMP that is not read here (" +
                              std::to_string(header.bits) + " bits a pixel, compression " +
                              std::to_string(static_cast<std::uint32_t>(header.compression)) +
                              "); save it as PNG");
}

}  // namespace

BmpHeader read_bmp_header(const Encoded& encoded, const BmpReader& reader) {
  BmpHeader header;
  header.data_offset = reader.number(10, 4);
  header.size = reader.number(kBmpFileHeader, 4);
  if (!is_known_header(header.size))
    encoded.throw_corrupt("damaged BMP: its header claims to have " + std::to_string(header.size) +
                          " bytes");
  if (header.size == kBmpCoreHeader) {
    header.width = reader.number(18, 2);
    header.height = reader.number(20, 2);
    header.bits = static_cast<int>(reader.number(24, 2));
  } else {
    header.width = std::bit_cast<std::int32_t>(reader.number(18, 4));
    const std::int64_t height = std::bit_cast<std::int32_t>(reader.number(22, 4));
    header.top_down = height < 0;
    header.height = header.top_down ? -height : height;
    header.bits = static_cast<int>(reader.number(28, 2));
    header.compression = static_cast<BmpCompression>(reader.number(30, 4));
    header.colours = reader.number(46, 4);
  }
  encoded.check_size(header.width, header.height);
  check_kind(encoded, header);
  read_masks(reader, header);
  return header;
}

std::uint32_t BmpReader::number(std::size_t offset, std::size_t bytes) const {
  const auto part = range(offset, bytes);
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | part[i];
  return value;
}

std::span<const std::uint8_t> BmpReader::range(std::size_t offset, std::size_t bytes) const {
  const std::size_t size = encoded_.bytes.size();
  if (offset > size || size - offset < bytes)
    encoded_.throw_corrupt("truncated BMP: " + std::to_string(offset + bytes) +
                           " bytes are needed and it has " + std::to_string(size));
  return encoded_.bytes.subspan(offset, bytes);
}

std::span<const std::uint8_t> BmpReader::from(std::size_t offset) const {
  range(offset, 0);
  return encoded_.bytes.subspan(offset);
}

}  // namespace likeness
