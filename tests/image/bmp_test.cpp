#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "image/bmp_samples.h"
#include "image/sample_pictures.h"
#include "support/error_code.h"

namespace likeness {
namespace {

using Samples = std::vector<std::uint8_t>;

Image decode_bmp(const Bytes& bytes) {
  return decode_image(bytes, "a.bmp");
}

TEST(Bmp, IsExact) {
  const Image image = noise(7, 5, 3);
  EXPECT_EQ(decode_bmp(encode_image(image, ImageFormat::bmp)), image);
}

TEST(Bmp, ReadsRowsFromBottomToTopOrFromTopToBottom) {
  const Bytes rows = {1, 2, 3, 0, 4, 5, 6, 0};  // blue, green, red
  EXPECT_EQ(decode_bmp(write_bmp(1, 2, rows)), Image(1, 2, 3, {6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(decode_bmp(write_bmp(1, -2, rows)), Image(1, 2, 3, {3, 2, 1, 6, 5, 4}));
}

TEST(Bmp, ReadsTheOldestHeader) {
  EXPECT_EQ(decode_bmp(write_bmp(2, 1, {1, 2, 3, 4, 5, 6, 0, 0}, {.header = 12})),
            Image(2, 1, 3, {3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(decode_bmp(write_bmp(3, 1, {0b01000000, 0, 0, 0},
                                 {.header = 12, .bits = 1, .palette = {0x102030, 0xFFEEDD}})),
            Image(3, 1, 3, {16, 32, 48, 255, 238, 221, 16, 32, 48}));
}

TEST(Bmp, LooksColoursUpInItsPalette) {
  const std::vector<std::uint32_t> palette = {0x000000, 0xFF0000, 0x00FF00};
  const Image expected(3, 1, 3, {0, 255, 0, 255, 0, 0, 0, 0, 0});
  EXPECT_EQ(decode_bmp(write_bmp(3, 1, {2, 1, 0, 0}, {.bits = 8, .palette = palette})), expected);
  EXPECT_EQ(decode_bmp(write_bmp(3, 1, {0x21, 0x00, 0, 0}, {.bits = 4, .palette = palette})),
            expected);
  // An index behind a short palette is black.
  EXPECT_EQ(decode_bmp(write_bmp(1, 1, {77, 0, 0, 0}, {.bits = 8, .palette = palette})),
            Image(1, 1));
}

TEST(Bmp, StretchesFiveBitsToEight) {
  const Bytes row = {0xFF, 0x7F, 0x10, 0x00};  // white; blue 16 of 31
  EXPECT_EQ(decode_bmp(write_bmp(2, 1, row, {.bits = 16})),
            Image(2, 1, 3, {255, 255, 255, 0, 0, 132}));
  const BmpOptions five_six_five = {
      .header = 56, .bits = 16, .compression = 3, .masks = {0xF800, 0x07E0, 0x001F, 0}};
  EXPECT_EQ(decode_bmp(write_bmp(2, 1, {0x00, 0xF8, 0xE0, 0x07}, five_six_five)),
            Image(2, 1, 3, {255, 0, 0, 0, 255, 0}));
}

TEST(Bmp, ReadsMasksBehindAShortHeader) {
  const BmpOptions options = {.bits = 32, .compression = 3, .masks = {0xFF, 0xFF00, 0xFF0000}};
  EXPECT_EQ(decode_bmp(write_bmp(1, 1, {1, 2, 3, 9}, options)), Image(1, 1, 3, {1, 2, 3}));
}

TEST(Bmp, ReadsChannelsOfMoreThanEightBits) {
  const BmpOptions options = {
      .header = 56, .bits = 32, .compression = 3, .masks = {0x3FF00000, 0xFFC00, 0x3FF, 0}};
  Bytes row;
  append_little(row, 1023U << 20 | 512U << 10 | 1U, 4);
  EXPECT_EQ(decode_bmp(write_bmp(1, 1, row, options)), Image(1, 1, 3, {255, 128, 0}));
}

TEST(Bmp, KeepsAlphaWhereItsHeaderDefinesIt) {
  const BmpOptions options = {
      .header = 108, .bits = 32, .compression = 3, .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000}};
  EXPECT_EQ(decode_bmp(write_bmp(2, 1, {3, 2, 1, 128, 6, 5, 4, 0}, options)),
            Image(2, 1, 4, {1, 2, 3, 128, 4, 5, 6, 0}));
  // Without a definition the fourth byte means nothing.
  EXPECT_EQ(decode_bmp(write_bmp(1, 1, {3, 2, 1, 0}, {.bits = 32})), Image(1, 1, 3, {1, 2, 3}));
  // Alpha that hides everything was never set.
  EXPECT_EQ(decode_bmp(write_bmp(1, 1, {3, 2, 1, 0}, options)), Image(1, 1, 4, {1, 2, 3, 255}));
}

TEST(Bmp, UnpacksRunLengths) {
  const std::vector<std::uint32_t> palette = {0, 0x010101, 0x020202, 0x030303};
  const auto levels = [](const Image& image) {
    Samples result;
    for (std::size_t i = 0; i < image.pixels().size(); i += 3) result.push_back(image.pixels()[i]);
    return result;
  };
  const BmpOptions eight = {.bits = 8, .compression = 1, .palette = palette};
  // Bottom row: 3 × 1, end of row. Top row: the single pixels 2, 3, 1 (padded), end of picture.
  EXPECT_EQ(levels(decode_bmp(write_bmp(4, 2, {3, 1, 0, 0, 0, 3, 2, 3, 1, 0, 0, 1}, eight))),
            (Samples{2, 3, 1, 0, 1, 1, 1, 0}));
  // A move by (2, 1), then one pixel.
  EXPECT_EQ(levels(decode_bmp(write_bmp(4, 2, {0, 2, 2, 1, 1, 3, 0, 1}, eight))),
            (Samples{0, 0, 3, 0, 0, 0, 0, 0}));
  const BmpOptions four = {.bits = 4, .compression = 2, .palette = palette};
  EXPECT_EQ(levels(decode_bmp(write_bmp(5, 1, {3, 0x12, 0, 3, 0x31, 0x20, 0, 1}, four))),
            (Samples{1, 2, 1, 3, 1}));
}

TEST(Bmp, KeepsRunsWithinThePicture) {
  const BmpOptions options = {.bits = 8, .compression = 1, .palette = {0, 0xFFFFFF}};
  const Image image = decode_bmp(write_bmp(2, 2, {255, 1, 0, 2, 255, 255, 255, 1, 0, 1}, options));
  EXPECT_EQ(image, Image(2, 2, 3, {0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255}));
}

TEST(Bmp, OfAnUnusualKindIsNamed) {
  for (const BmpOptions& options :
       {BmpOptions{.compression = 4}, {.bits = 2}, {.header = 64, .bits = 8, .compression = 1}})
    EXPECT_EQ(code_of([&] { decode_bmp(write_bmp(1, 1, Bytes(64), options)); }),
              ErrorCode::unsupported_format);
  EXPECT_EQ(code_of([&] { decode_bmp(write_bmp(1, 1, Bytes(64), {.header = 41})); }),
            ErrorCode::corrupt_file);
}

TEST(Bmp, ThatEndsTooSoonSaysHowMuchIsMissing) {
  Bytes bytes = write_bmp(10, 10, Bytes(320));
  bytes.resize(200);
  EXPECT_EQ(message_of([&] { decode_bmp(bytes); }),
            "a.bmp: truncated BMP: 374 bytes are needed and it has 200");
}

}  // namespace
}  // namespace likeness
