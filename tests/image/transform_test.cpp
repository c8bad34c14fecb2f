#include <array>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <likeness/image/transform.h>

#include "image/sample_pictures.h"

namespace likeness {
namespace {

TEST(Resize, AveragesAreasWhenItShrinks) {
  Image image(4, 2);
  for (int x = 0; x < 4; ++x)
    for (int y = 0; y < 2; ++y)
      set_pixel(image, x, y,
                std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(x % 2 == 0 ? 0 : 200),
                                            static_cast<std::uint8_t>(40 * x), 9});
  const Image small = resize(image, 2, 1);
  EXPECT_EQ(small.at(0, 0)[0], 100);
  EXPECT_EQ(small.at(1, 0)[0], 100);
  EXPECT_EQ(small.at(0, 0)[1], 20);
  EXPECT_EQ(small.at(1, 0)[1], 100);
  EXPECT_EQ(small.at(1, 0)[2], 9);
}

TEST(Resize, DoesNotAlias) {
  Image stripes(300, 40);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 300; x += 2)
      set_pixel(stripes, x, y, std::array<std::uint8_t, 3>{254, 254, 254});
  const Image small = resize(stripes, 37, 10);
  for (const int sample : small.pixels()) EXPECT_NEAR(sample, 127, 4);
}

TEST(Resize, KeepsAGradientWhenItEnlarges) {
  const Image large = resize(gradient(10, 10, 20, 10), 40, 20);
  EXPECT_EQ(large.width(), 40);
  EXPECT_EQ(large.height(), 20);
  // Pixel centres: column x of the result lies at (x + 0.5) / 4 − 0.5 of the picture.
  for (int x = 2; x < 38; ++x) EXPECT_NEAR(large.at(x, 10)[0], 20 * ((x + 0.5) / 4 - 0.5), 1);
  for (int y = 1; y < 19; ++y) EXPECT_NEAR(large.at(20, y)[1], 10 * ((y + 0.5) / 2 - 0.5), 1);
}

TEST(Resize, AveragesAlongOneAxisWhileItEnlargesTheOther) {
  const Image image = gradient(8, 4, 30, 60);
  const Image result = resize(image, 4, 8);
  for (int x = 0; x < 4; ++x) EXPECT_NEAR(result.at(x, 4)[0], 30 * (2 * x + 0.5), 1);
  for (int y = 1; y < 7; ++y) EXPECT_NEAR(result.at(2, y)[1], 60 * ((y + 0.5) / 2 - 0.5), 1);
}

TEST(Resize, KeepsTheColourUnderTransparentPixelsOut) {
  Image image(2, 1, 4);
  set_pixel(image, 0, 0, std::array<std::uint8_t, 4>{200, 100, 50, 255});
  set_pixel(image, 1, 0, std::array<std::uint8_t, 4>{0, 255, 0, 0});
  const Image small = resize(image, 1, 1);
  EXPECT_EQ(small.at(0, 0)[0], 200);
  EXPECT_EQ(small.at(0, 0)[1], 100);
  EXPECT_EQ(small.at(0, 0)[2], 50);
  EXPECT_NEAR(small.at(0, 0)[3], 127.5, 0.5);
}

TEST(Resize, LeavesAPictureOfTheSameSizeAsItIs) {
  const Image image = noise(7, 5, 4);
  EXPECT_EQ(resize(image, 7, 5), image);
}

TEST(Resize, RejectsEmptySizes) {
  EXPECT_THROW(resize(Image(), 2, 2), std::logic_error);
  EXPECT_THROW(resize(Image(2, 2), 0, 2), std::logic_error);
}

TEST(ResizeToFit, KeepsTheAspectAndNeverEnlarges) {
  const Image wide = resize_to_fit(Image(400, 100), 200);
  EXPECT_EQ(wide.width(), 200);
  EXPECT_EQ(wide.height(), 50);
  const Image thin = resize_to_fit(Image(3, 1000), 10);
  EXPECT_EQ(thin.width(), 1);
  EXPECT_EQ(thin.height(), 10);
  const Image small = noise(30, 20, 3);
  EXPECT_EQ(resize_to_fit(small, 100), small);
}

TEST(Crop, CopiesWhatLiesInside) {
  const Image image = noise(9, 7, 3);
  const Image part = crop(image, 2, 3, 4, 2);
  EXPECT_EQ(part.width(), 4);
  EXPECT_EQ(part.height(), 2);
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 4; ++x)
      for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(part.at(x, y)[c], image.at(x + 2, y + 3)[c]);
}

TEST(Crop, IsBlackOutsideOfThePicture) {
  const Image image = noise(4, 4, 3);
  const Image part = crop(image, -1, 2, 6, 6);
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x) {
      const bool inside = x >= 1 && x < 5 && y < 2;
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_EQ(part.at(x, y)[c], inside ? image.at(x - 1, y + 2)[c] : 0);
    }
  EXPECT_EQ(crop(image, 100, 100, 2, 2), Image(2, 2));
  EXPECT_EQ(crop(image, std::numeric_limits<int>::max(), std::numeric_limits<int>::min(), 2, 2),
            Image(2, 2));
}

TEST(Mirror, ExchangesLeftAndRight) {
  const Image image = noise(5, 3, 4);
  const Image mirrored = mirror(image);
  EXPECT_EQ(mirrored, shown_as(image, 2));
  EXPECT_EQ(mirror(mirrored), image);
}

TEST(WithoutAlpha, FlattensOverWhite) {
  Image image(3, 1, 4);
  set_pixel(image, 0, 0, std::array<std::uint8_t, 4>{10, 20, 30, 255});
  set_pixel(image, 1, 0, std::array<std::uint8_t, 4>{10, 20, 30, 0});
  set_pixel(image, 2, 0, std::array<std::uint8_t, 4>{100, 0, 200, 51});
  const Image flat = without_alpha(image);
  EXPECT_EQ(flat.channels(), 3);
  EXPECT_EQ(flat.at(0, 0)[1], 20);
  EXPECT_EQ(flat.at(1, 0)[1], 255);
  EXPECT_EQ(flat.at(2, 0)[0], 224);  // 100 · 0.2 + 255 · 0.8
  EXPECT_EQ(flat.at(2, 0)[1], 204);
  EXPECT_EQ(flat.at(2, 0)[2], 244);
  const Image rgb = noise(3, 3, 3);
  EXPECT_EQ(without_alpha(rgb), rgb);
}

}  // namespace
}  // namespace likeness
