#include <array>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "image/jpeg_samples.h"
#include "image/sample_pictures.h"
#include "support/error_code.h"

namespace likeness {
namespace {

constexpr int kJpegLoss = 6;  // of flat squares at quality 95

TEST(Jpeg, KeepsColours) {
  const Image image = color_squares();
  for (const bool progressive : {false, true}) {
    const Bytes bytes = write_jpeg(image, {.progressive = progressive});
    EXPECT_LE(largest_difference(decode_image(bytes, "a.jpg"), image), kJpegLoss);
  }
}

TEST(Jpeg, IsTurnedByItsExifOrientationOnce) {
  const Image image = color_squares();
  for (const bool big_endian : {false, true})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const Bytes bytes = write_jpeg(image, {.exif = exif_block(orientation, big_endian, true)});
      const Image upright = decode_image(bytes, "a.jpg");
      EXPECT_LE(largest_difference(upright, shown_as(image, orientation)), kJpegLoss)
          << orientation;
    }
}

TEST(Jpeg, FindsExifBehindOtherMetadata) {
  const Image image = color_squares();
  Bytes bytes = write_jpeg(image, {.exif = exif_block(8, true, true)});
  const std::string_view xmp = "http://ns.adobe.com/xap/1.0/";
  Bytes segment = {0xFF, 0xE1};
  append_big(segment, xmp.size() + 2, 2);
  append(segment, xmp);
  bytes.insert(bytes.begin() + 2, segment.begin(), segment.end());
  EXPECT_LE(largest_difference(decode_image(bytes, "a.jpg"), shown_as(image, 8)), kJpegLoss);
}

TEST(Jpeg, IgnoresBrokenExif) {
  Bytes exif = exif_block(6, false, true);
  exif.resize(12);
  const Image image = color_squares();
  EXPECT_LE(largest_difference(decode_image(write_jpeg(image, {.exif = exif}), "a.jpg"), image),
            kJpegLoss);
}

TEST(Jpeg, TurnsGreyIntoRgb) {
  std::vector<std::uint8_t> samples(32 * 16, 40);
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (i % 32 >= 16) samples[i] = 200;
  const Image image = decode_image(write_jpeg(32, 16, 1, samples), "grey.jpg");
  EXPECT_EQ(image.channels(), 3);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(image.at(4, 4)[c], 40, 3);
    EXPECT_NEAR(image.at(28, 4)[c], 200, 3);
  }
}

/// Inks of the left and the right half of a picture, as amounts.
constexpr std::array<std::array<std::uint8_t, 4>, 2> kInks = {{{0, 255, 128, 0}, {200, 20, 0, 51}}};

Image decode_inks(bool adobe_marker, bool ycck) {
  std::vector<std::uint8_t> samples;
  for (int i = 0; i < 32 * 16; ++i)
    for (const std::uint8_t ink : kInks[i % 32 / 16])
      samples.push_back(adobe_marker ? static_cast<std::uint8_t>(255 - ink) : ink);
  return decode_image(
      write_jpeg(32, 16, 4, samples, {.quality = 98, .adobe_marker = adobe_marker, .ycck = ycck}),
      "inks.jpg");
}

TEST(Jpeg, TurnsInksIntoRgb) {
  for (const auto& [adobe, ycck] : {std::pair{false, false}, {true, false}, {true, true}}) {
    const Image image = decode_inks(adobe, ycck);
    EXPECT_EQ(image.channels(), 3);
    for (std::size_t half = 0; half < 2; ++half)
      for (std::size_t c = 0; c < 3; ++c) {
        const double expected = (255.0 - kInks[half][c]) * (255.0 - kInks[half][3]) / 255.0;
        EXPECT_NEAR(image.at(half == 0 ? 6 : 26, 8)[c], expected, 5)
            << "adobe " << adobe << " ycck " << ycck << " half " << half << " channel " << c;
      }
  }
}

TEST(Jpeg, ToleratesBytesBehindItsEnd) {
  const Image image = color_squares();
  Bytes bytes = write_jpeg(image);
  append(bytes, "a second picture, or what a camera adds");
  EXPECT_LE(largest_difference(decode_image(bytes, "a.jpg"), image), kJpegLoss);
}

TEST(Jpeg, WithoutItsEndMarkerIsTruncated) {
  Bytes bytes = write_jpeg(color_squares());
  bytes.resize(bytes.size() - 2);
  EXPECT_EQ(code_of([&] { decode_image(bytes, "a.jpg"); }), ErrorCode::corrupt_file);
}

TEST(Jpeg, WhoseScanEndsBeforeThePictureIsTruncatedEvenWithAnEndMarker) {
  for (const bool progressive : {false, true}) {
    Bytes bytes = write_jpeg(noise(64, 64, 3), {.progressive = progressive});
    bytes.resize(bytes.size() * 3 / 4);
    append(bytes, Bytes{0xFF, 0xD9});
    if (progressive) continue;  // every scan of it stands for the whole picture
    EXPECT_EQ(code_of([&] { decode_image(bytes, "a.jpg"); }), ErrorCode::corrupt_file);
  }
}

TEST(Jpeg, WithLostRestartIntervalsIsDamaged) {
  Bytes bytes = write_jpeg(noise(64, 64, 3), {.restart_rows = 1});
  // Cuts out the part between two restart markers.
  const auto restart = [&](std::uint8_t marker) {
    const Bytes pattern = {0xFF, marker};
    return std::search(bytes.begin(), bytes.end(), pattern.begin(), pattern.end());
  };
  const auto first = restart(0xD1);
  const auto last = restart(0xD4);
  ASSERT_NE(last, bytes.end());
  bytes.erase(first, last);
  EXPECT_EQ(code_of([&] { decode_image(bytes, "a.jpg"); }), ErrorCode::corrupt_file);
}

TEST(Jpeg, OfAnUnusualKindIsNamed) {
  Bytes bytes = write_jpeg(color_squares());
  const Bytes baseline = {0xFF, 0xC0};
  const auto frame = std::search(bytes.begin(), bytes.end(), baseline.begin(), baseline.end());
  ASSERT_NE(frame, bytes.end());
  frame[4] = 12;  // bits a sample
  const auto call = [&] { decode_image(bytes, "a.jpg"); };
  EXPECT_EQ(code_of(call), ErrorCode::unsupported_format);
  EXPECT_NE(message_of(call).find("12"), std::string::npos);
  frame[4] = 8;
  frame[1] = 0xC3;  // lossless
  EXPECT_EQ(code_of(call), ErrorCode::unsupported_format);
}

TEST(Jpeg, WithEndlessScansIsRefused) {
  // A progressive picture whose refinement scans are repeated: each costs a pass over the picture.
  const Bytes bytes = write_jpeg(Image(64, 64), {.progressive = true});
  const Bytes marker = {0xFF, 0xDA};
  const auto last = std::find_end(bytes.begin(), bytes.end(), marker.begin(), marker.end());
  Bytes hostile(bytes.begin(), last);
  for (int i = 0; i < 1'000; ++i) hostile.insert(hostile.end(), last, bytes.end() - 2);
  append(hostile, Bytes{0xFF, 0xD9});
  EXPECT_EQ(code_of([&] { decode_image(hostile, "a.jpg"); }), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
