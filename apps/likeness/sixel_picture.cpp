#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <likeness/core/error.h>

#include "terminal_picture.h"

namespace likeness::cli {
namespace {

constexpr int kLevels = 6;
constexpr int kColours = kLevels * kLevels * kLevels;
constexpr int kNone = -1;  // left as it is
constexpr int kBand = 6;   // rows that a character shows
constexpr int kMatrix = 8;

/// Bayer's matrix of 8 × 8: 0…63, each once, so that neighbours are far apart.
int bayer(int x, int y) {
  int value = 0;
  for (int bit = 0; bit < 3; ++bit)
    value = value << 2 | (((x ^ y) >> bit & 1) << 1 | (y >> bit & 1));
  return value;
}

/// 0…5; samples that are a level exactly are shown as it, others by one of the two next to them.
int level(int sample, int x, int y) {
  const double threshold = (bayer(x % kMatrix, y % kMatrix) + 0.5) / (kMatrix * kMatrix);
  return static_cast<int>(sample * (kLevels - 1) / 255.0 + threshold);
}

int colour_at(const Image& picture, int x, int y) {
  const auto pixel = picture.at(x, y);
  if (picture.has_alpha() && pixel[3] < 128) return kNone;
  return (level(pixel[0], x, y) * kLevels + level(pixel[1], x, y)) * kLevels +
         level(pixel[2], x, y);
}

std::string palette_entry(int colour) {
  const auto percent = [](int value) {
    return ";" + std::to_string(100 * (value % kLevels) / (kLevels - 1));
  };
  return "#" + std::to_string(colour) + ";2" + percent(colour / kLevels / kLevels) +
         percent(colour / kLevels) + percent(colour);
}

/// `count` times the character of these six pixels, shorter where that is longer.
std::string run_text(int bits, int count) {
  const char character = static_cast<char>('?' + bits);
  if (count > 3) return "!" + std::to_string(count) + character;
  return std::string(count, character);
}

/// The pixels of one colour in a band; none behind the last.
std::string line_of(const std::vector<int>& bits) {
  std::string text;
  int count = 0;
  for (std::size_t x = 0; x < bits.size(); ++x) {
    ++count;
    if (x + 1 < bits.size() && bits[x + 1] == bits[x]) continue;
    if (x + 1 < bits.size() || bits[x] != 0) text += run_text(bits[x], count);
    count = 0;
  }
  return text;
}

/// Six rows, colour after colour, from `top` on.
std::string band(const Image& picture, int top, std::array<bool, kColours>& used) {
  std::array<std::vector<int>, kColours> bits;
  for (int y = top; y < std::min(top + kBand, picture.height()); ++y)
    for (int x = 0; x < picture.width(); ++x) {
      const int colour = colour_at(picture, x, y);
      if (colour == kNone) continue;
      bits[colour].resize(picture.width());
      bits[colour][x] |= 1 << (y - top);
    }
  std::string text;
  for (int colour = 0; colour < kColours; ++colour) {
    if (bits[colour].empty()) continue;
    used[colour] = true;
    text += (text.empty() ? "#" : "$#") + std::to_string(colour) + line_of(bits[colour]);
  }
  return text;
}

}  // namespace

std::string sixel_picture(const Image& picture) {
  LIKENESS_CHECK(!picture.empty());
  std::array<bool, kColours> used = {};
  std::string bands;
  for (int top = 0; top < picture.height(); top += kBand)
    bands += (top == 0 ? "" : "-") + band(picture, top, used);
  std::string palette;
  for (int colour = 0; colour < kColours; ++colour)
    if (used[colour]) palette += palette_entry(colour);
  // P2 = 1: what is not drawn stays; raster attributes: square pixels and the size
  return "\033P0;1;0q\"1;1;" + std::to_string(picture.width()) + ";" +
         std::to_string(picture.height()) + palette + bands + "\033\\";
}

}  // namespace likeness::cli
