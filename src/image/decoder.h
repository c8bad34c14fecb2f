#pragma once

/// What the decoders of the single formats share. Each takes an encoded picture and hands back its
/// samples as the file orders them; codec.cpp then brings every one of them to upright sRGB.
///
/// The decoders stand on libjpeg, libpng, libwebp and libtiff themselves: OpenCV's wrappers fill
/// the missing part of a truncated picture with grey, print the libraries' warnings on standard
/// error and drop the colour profile.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/image/codec.h>

namespace likeness {

/// An encoded picture, where it came from and what it may be at most. A view.
struct Encoded {
  std::span<const std::uint8_t> bytes;
  const std::string& name;
  const DecodeLimits& limits;

  [[noreturn]] void throw_corrupt(const std::string& reason) const;
  [[noreturn]] void throw_unsupported(const std::string& reason) const;
  /// Throws Error(too_large) for a picture beyond the limits, Error(corrupt_file) for one without
  /// pixels. Every decoder calls it before it takes memory for pixels.
  void check_size(std::int64_t width, std::int64_t height) const;
};

enum class SampleLayout { grey, grey_alpha, rgb, rgba, cmyk };

/// Samples of a pixel.
constexpr int sample_count(SampleLayout layout) {
  switch (layout) {
    case SampleLayout::grey:
      return 1;
    case SampleLayout::grey_alpha:
      return 2;
    case SampleLayout::rgb:
      return 3;
    case SampleLayout::rgba:
    case SampleLayout::cmyk:
      return 4;
  }
  return 0;
}

/// A decoded picture as its file orders it: 8 bits a sample, interleaved, rows without gaps; CMYK
/// as amounts of ink (255 is full).
struct Decoded {
  int width = 0;
  int height = 0;
  SampleLayout layout = SampleLayout::rgb;
  std::vector<std::uint8_t> samples;
  int orientation = 1;  ///< EXIF: 1 (upright) to 8
  Bytes icc_profile;    ///< empty when the file embeds none

  /// Takes memory for width · height pixels; the size must have been checked.
  void allocate(int new_width, int new_height, SampleLayout new_layout);
  std::size_t stride() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(sample_count(layout));
  }
};

Decoded decode_jpeg(const Encoded& encoded);
Decoded decode_png(const Encoded& encoded);
Decoded decode_webp(const Encoded& encoded);
Decoded decode_bmp(const Encoded& encoded);
Decoded decode_tiff(const Encoded& encoded);

}  // namespace likeness
