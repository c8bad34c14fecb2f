#pragma once

/// Small pictures for the tests of this room, and ways to compare them.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <likeness/core/random.h>
#include <likeness/image/image.h>

namespace likeness {

inline void set_pixel(Image& image, int x, int y, std::span<const std::uint8_t> color) {
  std::copy(color.begin(), color.begin() + image.channels(),
            image.row(y) + std::ptrdiff_t{x} * image.channels());
}

/// 48 × 32: six flat squares of 16 pixels, all of different colours, so that no flip or turn of it
/// looks like another and JPEG keeps its colours.
inline Image color_squares() {
  constexpr std::array<std::array<std::uint8_t, 3>, 6> kColors = {
      {{200, 30, 30}, {40, 180, 50}, {30, 40, 200}, {220, 210, 60}, {120, 120, 120}, {20, 20, 20}}};
  Image image(48, 32);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      set_pixel(image, x, y, kColors[static_cast<std::size_t>(y / 16 * 3 + x / 16)]);
  return image;
}

/// Every sample drawn at random: nothing survives by luck.
inline Image noise(int width, int height, int channels, std::uint64_t seed = 1) {
  Image image(width, height, channels);
  Random random(seed);
  for (std::uint8_t& sample : image.pixels()) sample = static_cast<std::uint8_t>(random.below(256));
  return image;
}

/// Red rises by `dx` a column, green by `dy` a row; blue is 77.
inline Image gradient(int width, int height, int dx, int dy) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      set_pixel(image, x, y,
                std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(x * dx),
                                            static_cast<std::uint8_t>(y * dy), 77});
  return image;
}

inline Image with_alpha(const Image& image, int seed = 3) {
  Image result(image.width(), image.height(), 4);
  Random random(static_cast<std::uint64_t>(seed));
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const auto rgb = image.at(x, y);
      set_pixel(result, x, y,
                std::array<std::uint8_t, 4>{rgb[0], rgb[1], rgb[2],
                                            static_cast<std::uint8_t>(random.below(256))});
    }
  return result;
}

/// The largest difference of any sample; 999 for pictures of different size or kind.
inline int largest_difference(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height() || a.channels() != b.channels())
    return 999;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i)
    largest = std::max(largest, std::abs(a.pixels()[i] - b.pixels()[i]));
  return largest;
}

/// The same for the middles of the squares of color_squares(), in any orientation: formats that
/// keep colour at half its size mix it along their borders.
inline int difference_within_squares(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height()) return 999;
  int largest = 0;
  for (int y = 0; y < a.height(); ++y)
    for (int x = 0; x < a.width(); ++x) {
      if (x % 16 < 3 || x % 16 > 12 || y % 16 < 3 || y % 16 > 12) continue;
      for (std::size_t c = 0; c < 3; ++c)
        largest = std::max(largest, std::abs(a.at(x, y)[c] - b.at(x, y)[c]));
    }
  return largest;
}

/// What a viewer shows of a picture that is stored with this EXIF orientation, straight from the
/// definition: where each pixel of the result comes from.
inline Image shown_as(const Image& stored, int orientation) {
  const int w = stored.width();
  const int h = stored.height();
  const bool turned = orientation >= 5;
  Image shown(turned ? h : w, turned ? w : h, stored.channels());
  for (int y = 0; y < shown.height(); ++y)
    for (int x = 0; x < shown.width(); ++x) {
      const std::array<std::array<int, 2>, 8> origins = {{{x, y},
                                                          {w - 1 - x, y},
                                                          {w - 1 - x, h - 1 - y},
                                                          {x, h - 1 - y},
                                                          {y, x},
                                                          {y, h - 1 - x},
                                                          {w - 1 - y, h - 1 - x},
                                                          {w - 1 - y, x}}};
      const auto [column, row] = origins[static_cast<std::size_t>(orientation - 1)];
      set_pixel(shown, x, y, stored.at(column, row));
    }
  return shown;
}

}  // namespace likeness
