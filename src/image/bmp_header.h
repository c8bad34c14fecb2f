#pragma once

/// The header of a BMP file, in all the shapes that OS/2 and Windows gave it.

#include <array>
#include <cstdint>
#include <span>

#include "image/decoder.h"

namespace likeness {

enum class BmpCompression : std::uint32_t {
  none = 0,
  run_length_8 = 1,
  run_length_4 = 2,
  bit_fields = 3,
  alpha_bit_fields = 6,
};

constexpr std::size_t kBmpFileHeader = 14;
constexpr std::uint32_t kBmpCoreHeader = 12;  // OS/2 1.x

struct BmpHeader {
  std::uint32_t data_offset = 0;
  std::uint32_t size = 0;  ///< of the part behind the file header
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool top_down = false;
  int bits = 0;  ///< a pixel
  BmpCompression compression = BmpCompression::none;
  std::uint32_t colours = 0;             ///< of the palette; 0 stands for all
  std::array<std::uint32_t, 4> masks{};  ///< red, green, blue, alpha
};

/// Little-endian numbers; throws where the file ends too soon.
class BmpReader {
 public:
  explicit BmpReader(const Encoded& encoded) : encoded_(encoded) {}

  std::uint32_t number(std::size_t offset, std::size_t bytes) const;
  std::span<const std::uint8_t> range(std::size_t offset, std::size_t bytes) const;
  std::span<const std::uint8_t> from(std::size_t offset) const;

 private:
  const Encoded& encoded_;
};

/// Throws Error(unsupported_format) for a kind of BMP that is not read, as well as what
/// Encoded::check_size throws.
BmpHeader read_bmp_header(const Encoded& encoded, const BmpReader& reader);

}  // namespace likeness
