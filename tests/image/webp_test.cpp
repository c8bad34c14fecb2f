#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/image/draw.h>

#include "image/sample_pictures.h"
#include "image/webp_samples.h"
#include "support/error_code.h"

namespace likeness {
namespace {

constexpr int kWebpLoss = 8;  // of flat squares at quality 95

TEST(Webp, KeepsColours) {
  const Image image = color_squares();
  EXPECT_LE(difference_within_squares(
                decode_image(encode_image(image, ImageFormat::webp), "a.webp"), image),
            kWebpLoss);
}

TEST(Webp, KeepsAlpha) {
  const Image image = with_alpha(color_squares());
  const Image decoded = decode_image(encode_image(image, ImageFormat::webp), "a.webp");
  ASSERT_EQ(decoded.channels(), 4);
  for (int x = 0; x < image.width(); ++x) EXPECT_EQ(decoded.at(x, 7)[3], image.at(x, 7)[3]);
}

TEST(Webp, IsTurnedByItsExifOrientation) {
  const Image image = color_squares();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes bytes = extended_webp(image, exif_block(orientation, false, false));
    EXPECT_LE(
        difference_within_squares(decode_image(bytes, "a.webp"), shown_as(image, orientation)),
        kWebpLoss)
        << orientation;
  }
}

TEST(Webp, ShowsTheFirstPictureOfAnAnimation) {
  const Image image = color_squares();
  const Image decoded = decode_image(animated_webp(48, 32, image, 0, 0), "a.webp");
  EXPECT_LE(difference_within_squares(decoded, image), kWebpLoss);
}

TEST(Webp, PutsASmallFirstPictureInItsPlace) {
  const Image image = color_squares();
  const Image decoded = decode_image(animated_webp(100, 60, image, 40, 20), "a.webp");
  ASSERT_EQ(decoded.width(), 100);
  ASSERT_EQ(decoded.height(), 60);
  ASSERT_EQ(decoded.channels(), 4);
  EXPECT_EQ(decoded.at(39, 20)[3], 0);
  EXPECT_EQ(decoded.at(40, 20)[3], 255);
  EXPECT_EQ(decoded.at(87, 51)[3], 255);
  EXPECT_EQ(decoded.at(88, 51)[3], 0);
  EXPECT_NEAR(decoded.at(48, 28)[0], 200, kWebpLoss);
}

TEST(Webp, RefusesAPictureThatLiesOutsideOfItsCanvas) {
  const Bytes bytes = animated_webp(50, 34, color_squares(), 40, 20);
  EXPECT_EQ(code_of([&] { decode_image(bytes, "a.webp"); }), ErrorCode::corrupt_file);
}

TEST(Webp, ThatEndsTooSoonSaysSo) {
  Bytes bytes = encode_image(color_squares(), ImageFormat::webp);
  bytes.resize(bytes.size() / 2);
  const auto call = [&] { decode_image(bytes, "a.webp"); };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("truncated"), std::string::npos);
}

}  // namespace
}  // namespace likeness
