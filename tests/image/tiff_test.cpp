#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "image/sample_pictures.h"
#include "image/tiff_samples.h"
#include "support/error_code.h"

namespace likeness {
namespace {

Image decode_tiff(const Bytes& bytes) {
  return decode_image(bytes, "a.tiff");
}

template <class Sample>
Bytes packed(const std::vector<Sample>& samples) {
  Bytes bytes(samples.size() * sizeof(Sample));
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  return bytes;
}

TEST(Tiff, IsExactInStripsTilesAndEveryLosslessCompression) {
  for (const int channels : {3, 4})
    for (const int compression :
         {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS, COMPRESSION_ADOBE_DEFLATE})
      for (const int tile : {0, 16}) {
        const Image image = noise(37, 21, channels);
        EXPECT_EQ(decode_tiff(write_tiff(image, {.compression = compression, .tile = tile})), image)
            << channels << " channels, compression " << compression << ", tile " << tile;
      }
}

TEST(Tiff, IsTurnedByItsOrientation) {
  const Image image = noise(9, 5, 3);
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(decode_tiff(write_tiff(image, {.orientation = orientation})),
              shown_as(image, orientation));
}

TEST(Tiff, IsTurnedByItsOrientationWhereLibtiffConverts) {
  const Image image = noise(9, 5, 3);
  std::vector<Bytes> planes;
  for (std::size_t c = 0; c < 3; ++c)
    for (int y = 0; y < 5; ++y) {
      planes.emplace_back();
      for (int x = 0; x < 9; ++x) planes.back().push_back(image.at(x, y)[c]);
    }
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(decode_tiff(write_tiff(9, 5, planes, {.orientation = orientation, .planes = true})),
              shown_as(image, orientation))
        << orientation;
}

TEST(Tiff, RoundsSixteenBitsInBothByteOrders) {
  const std::vector<std::uint16_t> samples = {0, 65535, 128, 129, 32896, 1000};
  for (const bool big_endian : {false, true}) {
    const Image image =
        decode_tiff(write_tiff(2, 1, {packed(samples)}, {.bits = 16, .big_endian = big_endian}));
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(image.pixels()[i], std::lround(samples[i] / 257.0)) << samples[i];
  }
}

TEST(Tiff, TakesFloatsFromZeroToOne) {
  const std::vector<float> samples = {0.0F,  1.0F, 0.5F,
                                      -3.0F, 7.0F, std::numeric_limits<float>::quiet_NaN()};
  const Image image =
      decode_tiff(write_tiff(2, 1, {packed(samples)}, {.bits = 32, .format = SAMPLEFORMAT_IEEEFP}));
  EXPECT_EQ(image, Image(2, 1, 3, {0, 255, 128, 0, 255, 0}));
}

TEST(Tiff, ReadsGreyWithZeroAsBlackOrAsWhite) {
  const TiffOptions black = {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK};
  EXPECT_EQ(decode_tiff(write_tiff(2, 1, {{10, 200}}, black)),
            Image(2, 1, 3, {10, 10, 10, 200, 200, 200}));
  const TiffOptions white = {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE};
  EXPECT_EQ(decode_tiff(write_tiff(2, 1, {{10, 200}}, white)),
            Image(2, 1, 3, {245, 245, 245, 55, 55, 55}));
  const TiffOptions bits = {.bits = 1, .samples = 1, .photometric = PHOTOMETRIC_MINISWHITE};
  EXPECT_EQ(decode_tiff(write_tiff(2, 1, {{0x40}}, bits)),
            Image(2, 1, 3, {255, 255, 255, 0, 0, 0}));
}

TEST(Tiff, KeepsAlphaAndDividesItOutWhereItWasMultiplied) {
  const Image image(2, 1, 4, {100, 50, 0, 128, 255, 255, 255, 255});
  EXPECT_EQ(decode_tiff(write_tiff(image, {.extra = EXTRASAMPLE_UNASSALPHA})), image);
  EXPECT_EQ(decode_tiff(write_tiff(image, {.extra = EXTRASAMPLE_ASSOCALPHA})),
            Image(2, 1, 4, {199, 100, 0, 128, 255, 255, 255, 255}));
  // A fourth sample of unknown meaning is no alpha.
  EXPECT_EQ(decode_tiff(write_tiff(image, {.extra = EXTRASAMPLE_UNSPECIFIED})),
            Image(2, 1, 3, {100, 50, 0, 255, 255, 255}));
  // Some writers forget to say that it is.
  EXPECT_EQ(decode_tiff(write_tiff(image)), image);
  const TiffOptions grey = {
      .samples = 2, .photometric = PHOTOMETRIC_MINISBLACK, .extra = EXTRASAMPLE_UNASSALPHA};
  EXPECT_EQ(decode_tiff(write_tiff(1, 1, {{90, 30}}, grey)), Image(1, 1, 4, {90, 90, 90, 30}));
}

TEST(Tiff, TurnsInksIntoRgb) {
  const TiffOptions options = {.samples = 4, .photometric = PHOTOMETRIC_SEPARATED};
  EXPECT_EQ(decode_tiff(write_tiff(2, 1, {{0, 255, 128, 0, 200, 20, 0, 51}}, options)),
            Image(2, 1, 3, {255, 0, 127, 44, 188, 204}));
}

TEST(Tiff, LooksColoursUpInItsPalette) {
  std::vector<std::uint16_t> palette(768);
  palette[3] = 65535;            // red of colour 3
  palette[256 + 4] = 257 * 100;  // green of colour 4
  const TiffOptions options = {
      .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .palette = palette};
  const Image image = decode_tiff(write_tiff(3, 1, {{3, 4, 5}}, options));
  EXPECT_EQ(image, Image(3, 1, 3, {255, 0, 0, 0, 100, 0, 0, 0, 0}));
}

TEST(Tiff, ReadsJpegWithinIt) {
  const Image image = color_squares();
  const Image decoded =
      decode_tiff(write_tiff(image, {.compression = COMPRESSION_JPEG, .rows_per_strip = 16}));
  EXPECT_LE(largest_difference(decoded, image), 20);
}

TEST(Tiff, ShowsItsFirstPage) {
  const Image image = noise(8, 8, 3);
  EXPECT_EQ(decode_tiff(write_tiff(image, {.pages = 3})), image);
}

TEST(Tiff, ThatHoldsAPreviewFirstIsNoPicture) {
  const auto call = [] {
    decode_tiff(write_tiff(noise(8, 8, 3), {.subfile = FILETYPE_REDUCEDIMAGE}));
  };
  EXPECT_EQ(code_of(call), ErrorCode::unsupported_format);
  EXPECT_NE(message_of(call).find("raw"), std::string::npos);
}

TEST(Tiff, OfAnUnusualKindIsNamed) {
  const std::vector<double> samples(6);
  for (const int format : {SAMPLEFORMAT_IEEEFP, SAMPLEFORMAT_INT})
    EXPECT_EQ(code_of([&] {
                decode_tiff(write_tiff(2, 1, {packed(samples)}, {.bits = 64, .format = format}));
              }),
              ErrorCode::unsupported_format);
  EXPECT_EQ(
      code_of([&] { decode_tiff(write_tiff(2, 1, {Bytes(6)}, {.format = SAMPLEFORMAT_INT})); }),
      ErrorCode::unsupported_format);
}

TEST(Tiff, ThatEndsTooSoonIsTruncated) {
  // The directory stands before the pixels, so that only pixels are missing.
  Bytes bytes = tiff_header(40, 40);
  EXPECT_EQ(code_of([&] { decode_tiff(bytes); }), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
