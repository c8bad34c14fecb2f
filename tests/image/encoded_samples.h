#pragma once

/// Pieces of encoded pictures for the tests of this room.

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <likeness/core/files.h>

namespace likeness {

inline void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

inline void append(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

/// `value` in `count` bytes, the least first.
inline void append_little(Bytes& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// `value` in `count` bytes, the greatest first.
inline void append_big(Bytes& bytes, std::uint64_t value, int count) {
  for (int i = count; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// An EXIF block with one entry, the orientation; `preamble` puts "Exif\0\0" before it, as JPEG
/// does.
inline Bytes exif_block(int orientation, bool big_endian, bool preamble) {
  Bytes bytes;
  const auto number = [&](std::uint32_t value, int count) {
    if (big_endian)
      append_big(bytes, value, count);
    else
      append_little(bytes, value, count);
  };
  if (preamble) append(bytes, std::string_view("Exif\0\0", 6));
  append(bytes, big_endian ? "MM" : "II");
  number(42, 2);
  number(8, 4);       // where the directory begins
  number(1, 2);       // its entries
  number(0x0112, 2);  // orientation,
  number(3, 2);       // a short,
  number(1, 4);       // one of it
  number(static_cast<std::uint32_t>(orientation), 2);
  number(0, 2);
  number(0, 4);  // no further directory
  return bytes;
}

}  // namespace likeness
