#pragma once

/// BMP files of every kind, byte by byte.

#include <array>
#include <vector>

#include "image/encoded_samples.h"

namespace likeness {

struct BmpOptions {
  int header = 40;
  int bits = 24;
  int compression = 0;
  std::vector<std::uint32_t> masks = {};    ///< red, green, blue and perhaps alpha
  std::vector<std::uint32_t> palette = {};  ///< 0xRRGGBB
};

/// `data` are the rows from bottom to top (from top to bottom for a negative height), padded to
/// multiples of four bytes, or run-length data.
inline Bytes write_bmp(int width, int height, const Bytes& data, const BmpOptions& options = {}) {
  Bytes header;
  const auto put = [&header](std::int64_t value, int count) {
    append_little(header, static_cast<std::uint64_t>(value), count);
  };
  put(options.header, 4);
  if (options.header == 12) {
    for (const int value : {width, height, 1, options.bits}) put(value, 2);
  } else {
    put(width, 4);
    put(height, 4);
    put(1, 2);
    put(options.bits, 2);
    put(options.compression, 4);
    for (int i = 0; i < 3; ++i) put(0, 4);
    put(std::ssize(options.palette), 4);
    put(0, 4);
  }
  for (const std::uint32_t mask : options.masks) put(mask, 4);
  while (std::ssize(header) < options.header) put(0, 1);
  for (const std::uint32_t color : options.palette) put(color, options.header == 12 ? 3 : 4);

  Bytes bytes;
  append(bytes, "BM");
  append_little(bytes, 14 + header.size() + data.size(), 4);
  append_little(bytes, 0, 4);
  append_little(bytes, 14 + header.size(), 4);
  append(bytes, header);
  append(bytes, data);
  return bytes;
}

}  // namespace likeness
