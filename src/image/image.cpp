#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/image.h>

namespace likeness {
namespace {

std::size_t sample_count(int width, int height, int channels) {
  LIKENESS_CHECK(width > 0 && height > 0);
  LIKENESS_CHECK(channels == 3 || channels == 4);
  return static_cast<std::size_t>(width) * height * channels;
}

}  // namespace

Image::Image(int width, int height, int channels)
    : width_(width),
      height_(height),
      channels_(channels),
      pixels_(sample_count(width, height, channels)) {}

Image::Image(int width, int height, int channels, std::vector<std::uint8_t> pixels)
    : width_(width), height_(height), channels_(channels), pixels_(std::move(pixels)) {
  LIKENESS_CHECK(pixels_.size() == sample_count(width, height, channels));
}

std::span<const std::uint8_t> Image::at(int x, int y) const {
  LIKENESS_CHECK(x >= 0 && x < width_ && y >= 0 && y < height_);
  return {pixels_.data() + offset(x, y), static_cast<std::size_t>(channels_)};
}

}  // namespace likeness
