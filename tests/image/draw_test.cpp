#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <likeness/image/draw.h>

#include "image/sample_pictures.h"

namespace likeness {
namespace {

constexpr Color kRed = {255, 0, 0};

Color color_at(const Image& image, int x, int y) {
  const auto pixel = image.at(x, y);
  return {pixel[0], pixel[1], pixel[2]};
}

int painted(const Image& image) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (color_at(image, x, y) != Color{}) ++count;
  return count;
}

TEST(DrawBox, PaintsTheOutlineAlone) {
  Image image(40, 30);
  draw_box(image, {10, 5, 20, 15}, kRed, 1);
  for (const int x : {10, 20, 30}) EXPECT_EQ(color_at(image, x, 5), kRed);
  EXPECT_EQ(color_at(image, 30, 20), kRed);
  EXPECT_EQ(color_at(image, 20, 12), Color{});
  EXPECT_EQ(painted(image), 2 * 21 + 2 * 14);
}

TEST(FillBox, FillsWhatLiesInside) {
  Image image(10, 10);
  fill_box(image, {-5, 2, 8, 3}, kRed);
  EXPECT_EQ(painted(image), 9);
  EXPECT_EQ(color_at(image, 0, 2), kRed);
  EXPECT_EQ(color_at(image, 2, 4), kRed);
}

TEST(DrawDot, IsACircleWithSoftEdgesAtASubPixelPlace) {
  Image image(40, 40);
  draw_dot(image, {20.5F, 19.5F}, 6, kRed);
  EXPECT_EQ(color_at(image, 20, 20), kRed);
  EXPECT_EQ(color_at(image, 20, 28), Color{});
  double area = 0;
  double center = 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 40; ++x) {
      area += color_at(image, x, y)[0] / 255.0;
      center += x * color_at(image, x, y)[0] / 255.0;
    }
  EXPECT_NEAR(area, 113, 25);  // π · 6², and half of the border pixels
  EXPECT_NEAR(center / area, 20.5, 0.1);
}

TEST(DrawText, StaysWithinItsWidthAndHeight) {
  Image image(300, 60);
  draw_text(image, "Anna 42", {10, 8}, 20, kRed);
  const int right = 10 + text_width("Anna 42", 20);
  EXPECT_GT(painted(image), 200);
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 300; ++x) {
      const bool outside = x < 6 || x > right + 4 || y < 4 || y > 34;
      EXPECT_TRUE(!outside || color_at(image, x, y) == Color{}) << x << ", " << y;
    }
}

TEST(DrawText, ShowsLettersOutsideAsciiAsOneQuestionMark) {
  Image accented(200, 40);
  Image plain(200, 40);
  draw_text(accented, "Jos\xC3\xA9 \xE6\x9D\x8E\n", {5, 5}, 16, kRed);
  draw_text(plain, "Jos? ??", {5, 5}, 16, kRed);
  EXPECT_EQ(accented, plain);
  EXPECT_EQ(text_width("\xC3\xA9", 16), text_width("?", 16));
}

TEST(DrawText, GrowsWithItsHeight) {
  EXPECT_GT(text_width("abc", 40), text_width("abc", 20));
  EXPECT_GT(text_width("abcd", 20), text_width("abc", 20));
  EXPECT_EQ(text_width("abc", 0), 0);
}

TEST(Draw, MakesWhatItPaintsOpaque) {
  Image image(20, 20, 4);
  fill_box(image, {0, 0, 4, 4}, kRed);
  draw_dot(image, {12, 12}, 3, kRed);
  EXPECT_EQ(image.at(1, 1)[3], 255);
  EXPECT_EQ(image.at(12, 12)[3], 255);
  EXPECT_EQ(image.at(6, 6)[3], 0);
}

TEST(Draw, IgnoresCoordinatesThatAreNoPlace) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Image image(20, 20);
  draw_box(image, {kNan, 0, 5, 5}, kRed);
  draw_box(image, {0, 0, kInfinity, 5}, kRed);
  draw_box(image, {1, 1, 5, 5}, kRed, 0);
  draw_dot(image, {kNan, 3}, 2, kRed);
  draw_dot(image, {3, 3}, kNan, kRed);
  draw_dot(image, {3, 3}, -1, kRed);
  draw_text(image, "x", {kInfinity, 0}, 10, kRed);
  draw_text(image, "x", {0, 0}, 0, kRed);
  fill_box(image, {kNan, 0, 5, 5}, kRed);
  EXPECT_EQ(image, Image(20, 20));
  Image none;
  draw_box(none, {0, 0, 1, 1}, kRed);
  draw_text(none, "x", {0, 0}, 10, kRed);
  draw_dot(none, {0, 0}, 1, kRed);
  fill_box(none, {0, 0, 1, 1}, kRed);
  EXPECT_TRUE(none.empty());
}

TEST(Draw, ClipsAtTheBorders) {
  Image image(20, 20);
  draw_box(image, {-3e38F, 5, 3.1e38F, 1e30F}, kRed, 1);
  draw_dot(image, {1e30F, 1e30F}, 3, kRed);
  draw_text(image, "far away", {-1e30F, 1e30F}, 10, kRed);
  for (int x = 0; x < 20; ++x) EXPECT_EQ(color_at(image, x, 5), kRed);
  EXPECT_EQ(painted(image), 20);
  draw_dot(image, {10, 10}, 1e30F, kRed);
  EXPECT_EQ(painted(image), 400);
}

TEST(Paste, CopiesAndClips) {
  const Image source = noise(4, 4, 3);
  Image image(6, 6);
  paste(image, source, 4, -2);
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x) {
      const bool inside = x >= 4 && y < 2;
      EXPECT_EQ(color_at(image, x, y), inside ? color_at(source, x - 4, y + 2) : Color{});
    }
  const Image before = image;
  for (const int far : {6, -4, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()})
    paste(image, source, far, 0);
  paste(image, Image(), 0, 0);
  EXPECT_EQ(image, before);
}

TEST(Paste, BringsPicturesWithAndWithoutAlphaTogether) {
  const Image opaque = noise(3, 3, 3);
  Image image(3, 3, 4);
  paste(image, opaque, 0, 0);
  EXPECT_EQ(color_at(image, 1, 1), color_at(opaque, 1, 1));
  EXPECT_EQ(image.at(1, 1)[3], 255);
  const Image clear = noise(3, 3, 4);
  Image rgb(3, 3);
  paste(rgb, clear, 0, 0);
  EXPECT_EQ(color_at(rgb, 2, 1), color_at(clear, 2, 1));
}

}  // namespace
}  // namespace likeness
