#pragma once

#include <cstdint>

#include <likeness/image/image.h>

namespace likeness {

/// Waves of colour, drawn with whole numbers alone: the same picture in every language (see
/// tests/faces/golden/tflite_reference.py).
inline Image drawn_picture(int width, int height) {
  const auto wave = [](int n) {  // 0 … 255 … 0 …
    n %= 512;
    return static_cast<std::uint8_t>(n < 256 ? n : 511 - n);
  };
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = wave(3 * x + 2 * y);
      pixel[1] = wave(5 * x + y * y / 16);
      pixel[2] = wave(x * y / 8 + 40);
    }
  return image;
}

}  // namespace likeness
