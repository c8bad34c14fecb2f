#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <likeness/image/transform.h>

#include "image/sample_pictures.h"

namespace likeness {
namespace {

Similarity turned(double radians, double scale, double tx, double ty) {
  return {static_cast<float>(scale * std::cos(radians)),
          static_cast<float>(scale * std::sin(radians)), static_cast<float>(tx),
          static_cast<float>(ty)};
}

/// The sample at (x, y), 0 outside.
double value(const Image& image, int x, int y, std::size_t channel) {
  const bool inside = x >= 0 && y >= 0 && x < image.width() && y < image.height();
  return inside ? image.at(x, y)[channel] : 0;
}

/// Bilinear sampling as the textbook writes it.
double bilinear(const Image& image, double x, double y, std::size_t channel) {
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const double fx = x - left;
  const double fy = y - top;
  return (1 - fy) * ((1 - fx) * value(image, left, top, channel) +
                     fx * value(image, left + 1, top, channel)) +
         fy * ((1 - fx) * value(image, left, top + 1, channel) +
               fx * value(image, left + 1, top + 1, channel));
}

TEST(Warp, ByTheIdentityChangesNothing) {
  for (const int channels : {3, 4}) {
    const Image image = noise(23, 17, channels);
    EXPECT_EQ(warp(image, {}, 23, 17), image);
  }
}

TEST(Warp, ShiftsByWholePixelsExactly) {
  const Image image = noise(20, 20, 3);
  EXPECT_EQ(warp(image, {1, 0, -3, -5}, 8, 9), crop(image, 3, 5, 8, 9));
  EXPECT_EQ(warp(image, {1, 0, 4, 2}, 30, 30), crop(image, -4, -2, 30, 30));
}

TEST(Warp, KeepsALinearGradientExact) {
  // Bilinear sampling is exact on it, whatever the sub-pixel shift, turn or enlargement.
  const Image image = gradient(120, 120, 2, 2);
  for (const double scale : {0.6, 1.0, 1.7, 4.0}) {
    const Similarity transform = turned(0.3, scale, 11.37 - 40 * scale, -3.81 - 20 * scale);
    const Similarity back = transform.inverse();
    const Image result = warp(image, transform, 50, 40);
    int inside = 0;
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 50; ++x) {
        const Point p = back.apply({static_cast<float>(x), static_cast<float>(y)});
        if (p.x < 0 || p.y < 0 || p.x > 119 || p.y > 119) continue;
        ++inside;
        EXPECT_NEAR(result.at(x, y)[0], 2 * p.x, 0.502);
        EXPECT_NEAR(result.at(x, y)[1], 2 * p.y, 0.502);
        EXPECT_EQ(result.at(x, y)[2], 77);
      }
    EXPECT_GT(inside, 400);
  }
}

TEST(Warp, KeepsALinearGradientExactWhenItAveragesDown) {
  const Image image = gradient(250, 250, 1, 1);
  for (const double scale : {0.45, 0.3, 0.11}) {
    const Similarity transform = turned(-0.4, scale, 3.3, 20.7);
    const Similarity back = transform.inverse();
    const Image result = warp(image, transform, 60, 60);
    const double margin = 2 / scale;
    int inside = 0;
    for (int y = 0; y < 60; ++y)
      for (int x = 0; x < 60; ++x) {
        const Point p = back.apply({static_cast<float>(x), static_cast<float>(y)});
        if (p.x < margin || p.y < margin || p.x > 249 - margin || p.y > 249 - margin) continue;
        ++inside;
        // Two roundings: of the means and of the sample.
        EXPECT_NEAR(result.at(x, y)[0], p.x, 1.01);
        EXPECT_NEAR(result.at(x, y)[1], p.y, 1.01);
        EXPECT_EQ(result.at(x, y)[2], 77);
      }
    EXPECT_GT(inside, 100);
  }
}

TEST(Warp, InterpolatesLikeTheTextbookUpToBlackBorders) {
  for (const int channels : {3, 4}) {
    const Image image = noise(31, 27, channels);
    const Similarity transform = turned(0.7, 1.3, 18.2, -9.4);
    const Similarity back = transform.inverse();
    const Image result = warp(image, transform, 64, 64);
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) {
        const double u = double{back.a} * x - double{back.b} * y + back.tx;
        const double v = double{back.b} * x + double{back.a} * y + back.ty;
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
          EXPECT_NEAR(result.at(x, y)[c], bilinear(image, u, v, c), 0.51);
      }
  }
}

TEST(Warp, AveragesFinePatternsInsteadOfAliasing) {
  Image board(800, 800);
  for (int y = 0; y < 800; ++y)
    for (int x = 0; x < 800; ++x)
      if ((x + y) % 2 == 0) set_pixel(board, x, y, std::array<std::uint8_t, 3>{254, 254, 254});
  for (const double scale : {0.4, 0.125, 0.099}) {
    // The middle of the board comes to the middle of the result.
    const Point middle = turned(0.2, scale, 0, 0).apply({400, 400});
    const Image result = warp(board, turned(0.2, scale, 20 - middle.x, 20 - middle.y), 40, 40);
    for (const int sample : result.pixels()) EXPECT_NEAR(sample, 127, 1) << scale;
  }
}

TEST(Warp, AveragesLargeSquaresWithoutOverflow) {
  Image white(2'000, 2'000);
  std::fill(white.pixels().begin(), white.pixels().end(), std::uint8_t{255});
  for (const float scale : {1.0F / 257, 1.0F / 258, 1.0F / 400}) {
    const Image result = warp(white, {scale, 0, 1 - 1'000 * scale, 1 - 1'000 * scale}, 3, 3);
    EXPECT_EQ(result.at(1, 1)[0], 255) << scale;
  }
}

TEST(Warp, IsBlackWhereThePictureIsNot) {
  const Image image = noise(10, 10, 3);
  const float largest = std::numeric_limits<float>::max();
  EXPECT_EQ(warp(image, {1, 0, 500, 0}, 20, 20), Image(20, 20));
  EXPECT_EQ(warp(image, {1, 0, -500, 0}, 20, 20), Image(20, 20));
  EXPECT_EQ(warp(image, {0.01F, 0, 500, 500}, 20, 20), Image(20, 20));
  EXPECT_EQ(warp(image, {1, 0, std::nanf(""), 0}, 20, 20), Image(20, 20));
  EXPECT_EQ(warp(image, {1, 0, largest, largest}, 20, 20), Image(20, 20));
}

TEST(Warp, SurvivesExtremeScales) {
  const Image image = noise(40, 30, 3);
  for (const float scale : {1e-12F, 1e-5F, 1e5F, 1e12F})
    EXPECT_EQ(warp(image, {scale, 0, 0, 0}, 16, 16).width(), 16);
}

TEST(Warp, RejectsWhatHasNoInverse) {
  EXPECT_THROW(warp(Image(2, 2), {0, 0, 1, 1}, 4, 4), std::logic_error);
  EXPECT_THROW(warp(Image(), {}, 4, 4), std::logic_error);
  EXPECT_THROW(warp(Image(2, 2), {}, 0, 4), std::logic_error);
}

}  // namespace
}  // namespace likeness
