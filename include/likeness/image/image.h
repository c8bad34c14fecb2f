#pragma once

/// A picture in memory: 8 bits a channel, RGB or RGBA, sRGB, upright (EXIF orientation applied),
/// rows from top to bottom without gaps. A value: copying copies the pixels. Safe to read from many
/// threads.
///
///     const Image photo = read_image("anna.jpg");
///     std::cout << photo.width() << " x " << photo.height();

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace likeness {

class Image {
 public:
  /// An empty picture (0 × 0).
  Image() = default;
  /// A black picture. Requires width, height > 0 and channels 3 (RGB) or 4 (RGBA).
  Image(int width, int height, int channels = 3);
  /// Takes `pixels`, interleaved; requires pixels.size() == width·height·channels.
  Image(int width, int height, int channels, std::vector<std::uint8_t> pixels);

  int width() const { return width_; }
  int height() const { return height_; }
  /// 3 (RGB) or 4 (RGBA, alpha not premultiplied).
  int channels() const { return channels_; }
  bool empty() const { return pixels_.empty(); }
  bool has_alpha() const { return channels_ == 4; }

  /// All samples, interleaved: row y, column x, channel c at (y·width + x)·channels + c. A view.
  std::span<const std::uint8_t> pixels() const { return pixels_; }
  std::span<std::uint8_t> pixels() { return pixels_; }
  const std::uint8_t* row(int y) const { return pixels_.data() + offset(0, y); }
  std::uint8_t* row(int y) { return pixels_.data() + offset(0, y); }
  /// The samples of one pixel; requires 0 ≤ x < width, 0 ≤ y < height. A view.
  std::span<const std::uint8_t> at(int x, int y) const;

  friend bool operator==(const Image&, const Image&) = default;

 private:
  std::size_t offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * width_ + x) * channels_;
  }

  int width_ = 0;
  int height_ = 0;
  int channels_ = 3;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace likeness
