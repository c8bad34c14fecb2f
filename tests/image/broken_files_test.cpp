#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <likeness/image/codec.h>

#include "image/bmp_samples.h"
#include "image/jpeg_samples.h"
#include "image/png_samples.h"
#include "image/sample_pictures.h"
#include "image/tiff_samples.h"
#include "image/webp_samples.h"
#include "support/error_code.h"

namespace likeness {
namespace {

using std::string_view_literals::operator""sv;

struct WholeFile {
  std::string name;
  Bytes bytes;
};

/// One small file for each way through the decoders. The last byte of each one is needed.
std::vector<WholeFile> samples() {
  const Image flat = color_squares();
  const Image busy = noise(21, 14, 3);
  const Image clear = noise(21, 14, 4);
  return {
      {"jpeg", write_jpeg(flat, {.exif = exif_block(6, true, true)})},
      {"progressive jpeg", write_jpeg(busy, {.progressive = true})},
      {"grey jpeg", write_jpeg(16, 16, 1, Bytes(256, 90))},
      {"cmyk jpeg", write_jpeg(16, 16, 4, Bytes(1024, 90), {.adobe_marker = true})},
      {"png", write_png(busy, {.exif = exif_block(3, false, false)})},
      {"interlaced png", write_png(clear, {.interlaced = true})},
      {"16-bit png", write_png(4, 4, std::vector<Bytes>(4, Bytes(24, 7)), {.bits = 16})},
      {"webp", encode_image(flat, ImageFormat::webp)},
      {"webp with alpha", encode_image(clear, ImageFormat::webp)},
      {"extended webp", extended_webp(flat, exif_block(5, false, false))},
      {"animated webp", animated_webp(60, 40, flat, 4, 2)},
      {"bmp", encode_image(busy, ImageFormat::bmp)},
      {"8-bit bmp", write_bmp(4, 4, Bytes(16, 1), {.bits = 8, .palette = {1, 2, 3}})},
      {"run-length bmp", write_bmp(4, 2, {3, 1, 0, 0, 0, 3, 2, 3, 1, 0, 0, 1},
                                   {.bits = 8, .compression = 1, .palette = {1, 2, 3, 4}})},
      {"tiff", write_tiff(busy)},
      {"lzw tiff", write_tiff(busy, {.compression = COMPRESSION_LZW})},
      {"tiled tiff", write_tiff(busy, {.compression = COMPRESSION_ADOBE_DEFLATE, .tile = 16})},
      {"jpeg tiff", write_tiff(flat, {.compression = COMPRESSION_JPEG, .rows_per_strip = 16})},
      {"16-bit tiff", write_tiff(4, 4, std::vector<Bytes>(4, Bytes(24, 7)), {.bits = 16})},
  };
}

/// Nothing but the exception may report a problem.
class Quiet {
 public:
  Quiet() { testing::internal::CaptureStderr(); }
  ~Quiet() { EXPECT_EQ(testing::internal::GetCapturedStderr(), ""); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
};

TEST(BrokenFiles, CutAtAnyLengthAreErrors) {
  const Quiet quiet;
  for (const WholeFile& sample : samples()) {
    const Image whole = decode_image(sample.bytes, sample.name);
    EXPECT_FALSE(whole.empty());
    for (std::size_t length = 0; length < sample.bytes.size(); ++length) {
      const ErrorCode code =
          code_of([&] { decode_image(std::span(sample.bytes).first(length), sample.name); });
      // The first bytes alone name no format yet.
      const bool expected =
          code == ErrorCode::corrupt_file || (length < 12 && code == ErrorCode::unsupported_format);
      EXPECT_TRUE(expected) << sample.name << " cut at " << length << " of " << sample.bytes.size();
    }
  }
}

TEST(BrokenFiles, WithFlippedBitsAreDecodedOrAreErrors) {
  const Quiet quiet;
  constexpr DecodeLimits kLimits = {.max_pixels = 250'000, .max_dimension = 5'000};
  Random random(2024);
  int errors = 0;
  int pictures = 0;
  for (const WholeFile& sample : samples())
    for (int round = 0; round < 300; ++round) {
      Bytes bytes = sample.bytes;
      const auto flips = 1 + random.below(4);
      for (std::uint64_t i = 0; i < flips; ++i)
        bytes[random.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
      try {
        const Image image = decode_image(bytes, sample.name, kLimits);
        EXPECT_LE(image.pixels().size(), std::size_t{4} * 250'000) << sample.name;
        ++pictures;
      } catch (const Error&) {
        ++errors;  // any other exception fails the test
      }
    }
  EXPECT_GT(errors, 500);
  EXPECT_GT(pictures, 500);
}

TEST(BrokenFiles, WithPartsOverwrittenAreDecodedOrAreErrors) {
  const Quiet quiet;
  constexpr DecodeLimits kLimits = {.max_pixels = 250'000, .max_dimension = 5'000};
  Random random(77);
  int errors = 0;
  for (const WholeFile& sample : samples())
    for (int round = 0; round < 100; ++round) {
      Bytes bytes = sample.bytes;
      const std::size_t start = random.below(bytes.size());
      const std::size_t length = random.below(std::min<std::size_t>(64, bytes.size() - start) + 1);
      const auto value = static_cast<std::uint8_t>(round % 3 == 0 ? 0xFF : random.below(256));
      for (std::size_t i = 0; i < length; ++i)
        bytes[start + i] = round % 2 == 0 ? value : static_cast<std::uint8_t>(random.below(256));
      try {
        decode_image(bytes, sample.name, kLimits);
      } catch (const Error&) {
        ++errors;
      }
    }
  EXPECT_GT(errors, 500);
}

TEST(HugePictures, AreRefusedByTheirHeader) {
  const std::vector<WholeFile> headers = {
      {"jpeg", jpeg_header(20'000, 20'000)},
      {"png", png_header(20'000, 20'000)},
      {"webp", webp_file({webp_canvas(20'000, 20'000, 0)})},
      {"bmp", write_bmp(20'000, 20'000, {})},
      {"tiff", tiff_header(20'000, 20'000)},
  };
  for (const WholeFile& header : headers) {
    const auto call = [&] { decode_image(header.bytes, "big." + header.name); };
    EXPECT_EQ(code_of(call), ErrorCode::too_large) << header.name;
    EXPECT_EQ(message_of(call), "big." + header.name +
                                    ": 20000 x 20000 pixels are 400000000 in all, the limit is "
                                    "100000000");
  }
}

TEST(HugePictures, AreRefusedByTheirLongestSide) {
  const auto call = [] { decode_image(png_header(2'000'000'000, 1), "long.png"); };
  EXPECT_EQ(code_of(call), ErrorCode::too_large);
  EXPECT_EQ(message_of(call), "long.png: 2000000000 x 1 pixels, the limit is 65500 a side");
  EXPECT_EQ(code_of([] { decode_image(write_bmp(1, -2'000'000'000, {}), "a.bmp"); }),
            ErrorCode::too_large);
}

TEST(PicturesWithoutPixels, AreCorrupt) {
  for (const Bytes& bytes : {png_header(0, 10), jpeg_header(10, 0), tiff_header(0, 0),
                             write_bmp(0, 10, {}), write_bmp(-5, 10, {})})
    EXPECT_EQ(code_of([&] { decode_image(bytes, "a"); }), ErrorCode::corrupt_file);
}

TEST(OtherFiles, AreNamed) {
  const std::vector<std::pair<std::string_view, std::string_view>> files = {
      {"GIF89a\x01\0\x01\0\0\0\0!\xFF\x0BNETSCAPE2.0"sv, "a GIF"sv},
      {"\0\0\0\x18"
       "ftypheic\0\0\0\0"sv,
       "HEIC"sv},
      {"\0\0\0\x1C"
       "ftypavif\0\0\0\0"sv,
       "AVIF"sv},
      {"\0\0\0\x1C"
       "ftypmp42\0\0\0\0"sv,
       "video"sv},
      {"%PDF-1.7\n%\xE2\xE3"sv, "PDF"sv},
      {"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"sv, "SVG"sv},
      {"<!DOCTYPE html><title>Not found</title>"sv, "web page"sv},
      {"\xFF\x0A\0\0"sv, "JPEG XL"sv},
      {"\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000"sv},
      {"8BPS\0\x01"sv, "Photoshop"sv},
      {"PK\x03\x04\x14\0"sv, "ZIP"sv},
      {"dear Anna, the photo follows"sv, "text"sv},
      {"\x01\x02\x03\xFE"sv, "01 02 03 fe"sv},
      {"\xFF\xD8"sv, "ff d8"sv},
  };
  for (const auto& [content, name] : files) {
    const auto call = [&, text = content] {
      decode_image({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "a.jpg");
    };
    EXPECT_EQ(code_of(call), ErrorCode::unsupported_format) << name;
    const std::string message = message_of(call);
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("convert it to JPEG or PNG"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace likeness
