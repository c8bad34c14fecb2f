#include <limits>

#include <likeness/core/error.h>

#include "image/encoder.h"

namespace likeness {
namespace {

void put(Bytes& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

Bytes encode_bmp(const Image& rgb) {
  constexpr std::uint32_t kHeaders = 54;
  const std::size_t used = static_cast<std::size_t>(rgb.width()) * 3;
  const std::size_t stride = (used + 3) / 4 * 4;
  const std::size_t size = kHeaders + stride * static_cast<std::size_t>(rgb.height());
  if (size > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorCode::write_failed, "a BMP holds at most 4 GB; write a PNG");
  Bytes bytes;
  bytes.reserve(size);
  put(bytes, 'B' | 'M' << 8, 2);
  put(bytes, static_cast<std::uint32_t>(size), 4);
  put(bytes, 0, 4);
  put(bytes, kHeaders, 4);
  put(bytes, 40, 4);  // of which Windows' header
  put(bytes, static_cast<std::uint32_t>(rgb.width()), 4);
  put(bytes, static_cast<std::uint32_t>(rgb.height()), 4);
  put(bytes, 1, 2);                              // plane
  put(bytes, 24, 2);                             // bits a pixel
  for (int i = 0; i < 6; ++i) put(bytes, 0, 4);  // no compression, resolution or palette
  for (int y = rgb.height() - 1; y >= 0; --y) {
    const std::uint8_t* row = rgb.row(y);
    for (std::size_t x = 0; x < used; x += 3)
      bytes.insert(bytes.end(), {row[x + 2], row[x + 1], row[x]});
    bytes.resize(bytes.size() + stride - used);
  }
  return bytes;
}

}  // namespace likeness
