#include <algorithm>
#include <array>
#include <cmath>

#include <likeness/core/error.h>
#include <likeness/style/colour.h>

#include "style/colour_map.h"

namespace likeness {
namespace {

constexpr double kWhite = 255;

double luminance(const std::uint8_t* pixel) {
  return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

std::uint8_t to_sample(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, kWhite)));
}

/// The largest share of `chroma`, 0…1, that keeps luminance + share · chroma within 0…255.
double displayable_share(double luminance, const std::array<double, 3>& chroma) {
  double share = 1;
  for (const double difference : chroma) {
    if (difference > 0) share = std::min(share, (kWhite - luminance) / difference);
    if (difference < 0) share = std::min(share, luminance / -difference);
  }
  return share;
}

/// In RGB, chroma is what remains when the luminance is taken from each sample.
void show(double luminance_shown, const std::uint8_t* coloured, std::uint8_t* pixel) {
  std::array<double, 3> chroma = {};
  const double own = luminance(coloured);
  for (int c = 0; c < 3; ++c) chroma[c] = coloured[c] - own;
  const double share = displayable_share(luminance_shown, chroma);
  for (int c = 0; c < 3; ++c) pixel[c] = to_sample(luminance_shown + share * chroma[c]);
}

}  // namespace

Image with_colours_of(const Image& painted, const Image& content) {
  LIKENESS_CHECK(painted.width() == content.width() && painted.height() == content.height());
  Image result = painted;
  for (int y = 0; y < result.height(); ++y) {
    std::uint8_t* pixel = result.row(y);
    const std::uint8_t* coloured = content.row(y);
    for (int x = 0; x < result.width(); ++x) {
      show(luminance(pixel), coloured, pixel);
      pixel += result.channels();
      coloured += content.channels();
    }
  }
  return result;
}

Image match_colours(const Image& style, const Image& content) {
  const ColourStatistics from = colour_statistics(style);
  const ColourStatistics to = colour_statistics(content);
  if (from.pixels == 0 || to.pixels == 0) return style;
  const ColourMap map = colour_map(from, to);
  Image result = style;
  const auto samples = result.pixels();
  for (std::size_t i = 0; i < samples.size(); i += result.channels()) {
    const cv::Vec3d colour =
        map({static_cast<double>(samples[i]), static_cast<double>(samples[i + 1]),
             static_cast<double>(samples[i + 2])});
    for (int c = 0; c < 3; ++c) samples[i + c] = to_sample(colour[c]);
  }
  return result;
}

}  // namespace likeness
