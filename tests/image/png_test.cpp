#include <array>
#include <cmath>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "image/png_samples.h"
#include "image/sample_pictures.h"
#include "support/error_code.h"

namespace likeness {
namespace {

Image decode_png(const Bytes& bytes) {
  return decode_image(bytes, "a.png");
}

TEST(Png, IsExact) {
  for (const int channels : {3, 4})
    for (const bool interlaced : {false, true}) {
      const Image image = noise(19, 13, channels);
      EXPECT_EQ(decode_png(write_png(image, {.interlaced = interlaced})), image);
    }
}

TEST(Png, OfOnePixelIsRead) {
  const Image image = noise(1, 1, 3);
  EXPECT_EQ(decode_png(write_png(image)), image);
}

TEST(Png, IsTurnedByItsExifOrientation) {
  const Image image = noise(9, 5, 3);
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(decode_png(write_png(image, {.exif = exif_block(orientation, true, false)})),
              shown_as(image, orientation));
}

TEST(Png, RoundsSixteenBitsToTheNearestOfEight) {
  for (const int type : {PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_GRAY}) {
    const bool grey = type == PNG_COLOR_TYPE_GRAY;
    constexpr std::array<int, 6> kSamples = {0, 65535, 128, 129, 32896, 1000};
    Bytes row;
    for (const int sample : kSamples) append_big(row, static_cast<std::uint64_t>(sample), 2);
    const Image image =
        decode_png(write_png(grey ? 6 : 2, 1, {row}, {.bits = 16, .color_type = type}));
    for (int i = 0; i < 6; ++i) {
      const auto result =
          grey ? image.at(i, 0)[0] : image.at(i / 3, 0)[static_cast<std::size_t>(i % 3)];
      EXPECT_EQ(result, std::lround(kSamples[static_cast<std::size_t>(i)] / 257.0))
          << kSamples[static_cast<std::size_t>(i)];
    }
  }
}

TEST(Png, TurnsGreyWithAlphaIntoRgba) {
  const Image image =
      decode_png(write_png(2, 1, {{10, 255, 200, 77}}, {.color_type = PNG_COLOR_TYPE_GRAY_ALPHA}));
  EXPECT_EQ(image, Image(2, 1, 4, {10, 10, 10, 255, 200, 200, 200, 77}));
}

TEST(Png, StretchesOneBitToBlackAndWhite) {
  const Image image =
      decode_png(write_png(4, 1, {{0b01100000}}, {.bits = 1, .color_type = PNG_COLOR_TYPE_GRAY}));
  EXPECT_EQ(image, Image(4, 1, 3, {0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0}));
}

TEST(Png, LooksColoursUpInItsPalette) {
  const std::vector<png_color> palette = {{1, 2, 3}, {200, 100, 50}, {9, 8, 7}};
  const PngOptions options = {.bits = 2, .color_type = PNG_COLOR_TYPE_PALETTE, .palette = palette};
  EXPECT_EQ(decode_png(write_png(3, 1, {{0b01001000}}, options)),
            Image(3, 1, 3, {200, 100, 50, 1, 2, 3, 9, 8, 7}));
  PngOptions with_alpha = options;
  with_alpha.palette_alpha = {255, 40};
  EXPECT_EQ(decode_png(write_png(3, 1, {{0b01001000}}, with_alpha)),
            Image(3, 1, 4, {200, 100, 50, 40, 1, 2, 3, 255, 9, 8, 7, 255}));
}

TEST(Png, WithLinearSamplesIsBroughtToTheCurveOfSrgb) {
  const Bytes bytes =
      write_png(3, 1, {{0, 55, 255}}, {.color_type = PNG_COLOR_TYPE_GRAY, .gamma = 1.0});
  const Image image = decode_png(bytes);
  EXPECT_EQ(image.at(0, 0)[0], 0);
  EXPECT_NEAR(image.at(1, 0)[0], 255 * std::pow(55 / 255.0, 1 / 2.2), 2);
  EXPECT_EQ(image.at(2, 0)[0], 255);
  // The ordinary value changes nothing.
  const Image ordinary = noise(8, 8, 3);
  EXPECT_EQ(decode_png(write_png(ordinary, {.gamma = 1 / 2.2})), ordinary);
}

TEST(Png, WithoutItsEndIsTruncated) {
  Bytes bytes = write_png(noise(8, 8, 3));
  bytes.resize(bytes.size() - 12);
  EXPECT_EQ(code_of([&] { decode_png(bytes); }), ErrorCode::corrupt_file);
}

TEST(Png, WithAWrongChecksumIsDamaged) {
  Bytes bytes = write_png(noise(8, 8, 3));
  bytes[bytes.size() - 14] ^= 1;  // of the pixels: the last chunk has twelve bytes
  EXPECT_EQ(code_of([&] { decode_png(bytes); }), ErrorCode::corrupt_file);
}

TEST(Png, ToleratesBytesBehindItsEnd) {
  const Image image = noise(8, 8, 3);
  Bytes bytes = write_png(image);
  append(bytes, "more");
  EXPECT_EQ(decode_png(bytes), image);
}

TEST(Png, ShowsTheFirstPictureOfAnAnimation) {
  const Image image = noise(6, 6, 3);
  Bytes bytes = write_png(image);
  // An acTL chunk (2 frames, endless) between the header and the pixels, with its checksum.
  Bytes chunk = {0, 0, 0, 8, 'a', 'c', 'T', 'L', 0, 0, 0, 2, 0, 0, 0, 0};
  append_big(chunk, 0xF38D9370U, 4);
  constexpr std::ptrdiff_t kEndOfHeader = 8 + 25;
  bytes.insert(bytes.begin() + kEndOfHeader, chunk.begin(), chunk.end());
  EXPECT_EQ(decode_png(bytes), image);
}

}  // namespace
}  // namespace likeness
