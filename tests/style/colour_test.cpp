#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>

#include <gtest/gtest.h>
#include <likeness/style/colour.h>
#include <opencv2/core.hpp>

#include "style/colour_map.h"
#include "support/drawn_picture.h"

namespace likeness {
namespace {

/// drawn_picture with less contrast, around `middle`: far from black and white.
Image soft_picture(int width, int height, const cv::Vec3d& middle, double contrast) {
  Image image = drawn_picture(width, height);
  const auto samples = image.pixels();
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<std::uint8_t>(
        std::lround(middle[static_cast<int>(i % 3)] + contrast * (samples[i] - 127.5)));
  return image;
}

Image plain(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image(width, height);
  const auto samples = image.pixels();
  for (std::size_t i = 0; i < samples.size(); i += 3) {
    samples[i] = red;
    samples[i + 1] = green;
    samples[i + 2] = blue;
  }
  return image;
}

/// Its red channel in all three.
Image grey(const Image& image) {
  Image result = image;
  const auto samples = result.pixels();
  for (std::size_t i = 0; i < samples.size(); i += 3) samples[i + 1] = samples[i + 2] = samples[i];
  return result;
}

/// With an alpha channel: 0 in the left half of the picture.
Image with_clear_left_half(const Image& image) {
  Image result(image.width(), image.height(), 4);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      std::copy_n(image.row(y) + 3 * x, 3, result.row(y) + 4 * x);
      result.row(y)[4 * x + 3] = 2 * x < image.width() ? 0 : 200;
    }
  return result;
}

double luminance(const std::uint8_t* pixel) {
  return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

double largest(const cv::Matx33d& matrix) {
  return cv::norm(matrix, cv::NORM_INF);
}

TEST(ColourStatistics, AreThoseOfAHandComputedExample) {
  Image image(2, 1);
  const std::uint8_t samples[] = {10, 0, 4, 30, 0, 0};
  std::copy(std::begin(samples), std::end(samples), image.pixels().begin());
  const ColourStatistics of = colour_statistics(image);
  EXPECT_EQ(of.pixels, 2);
  EXPECT_EQ(of.mean, cv::Vec3d(20, 0, 2));
  EXPECT_EQ(of.covariance, cv::Matx33d(100, 0, -20, 0, 0, 0, -20, 0, 4));
}

TEST(ColourStatistics, LeaveOutPixelsThatCannotBeSeen) {
  const Image image = drawn_picture(40, 30);
  const ColourStatistics of = colour_statistics(with_clear_left_half(image));
  Image right(20, 30);
  for (int y = 0; y < 30; ++y) std::copy_n(image.row(y) + 60, 60, right.row(y));
  const ColourStatistics expected = colour_statistics(right);
  EXPECT_EQ(of.pixels, 600);
  EXPECT_EQ(of.mean, expected.mean);
  EXPECT_EQ(of.covariance, expected.covariance);
}

TEST(ColourMap, GivesTheContentsMeanAndCovarianceExactly) {
  const ColourStatistics style = colour_statistics(drawn_picture(64, 48));
  const ColourStatistics content = colour_statistics(soft_picture(50, 70, {90, 140, 160}, 0.3));
  const ColourMap map = colour_map(style, content);
  EXPECT_LT(cv::norm(map(style.mean) - content.mean), 1e-9);
  EXPECT_LT(largest(map.matrix * style.covariance * map.matrix.t() - content.covariance), 1e-8);
}

TEST(ColourMap, OfAPictureToItselfIsTheIdentity) {
  const ColourStatistics of = colour_statistics(drawn_picture(64, 48));
  const ColourMap map = colour_map(of, of);
  EXPECT_LT(largest(map.matrix - cv::Matx33d::eye()), 1e-9);
  EXPECT_LT(cv::norm(map.offset), 1e-7);
}

TEST(MatchColours, GivesTheContentsMomentsToRounding) {
  const Image content = soft_picture(50, 70, {90, 140, 160}, 0.2);
  const ColourStatistics got = colour_statistics(match_colours(drawn_picture(64, 48), content));
  const ColourStatistics wanted = colour_statistics(content);
  EXPECT_LT(cv::norm(got.mean - wanted.mean), 0.1);
  EXPECT_LT(largest(got.covariance - wanted.covariance), 0.01 * largest(wanted.covariance));
}

TEST(MatchColours, OfAGreyPictureStaysOnALineOfColours) {
  const Image content = soft_picture(50, 70, {90, 140, 160}, 0.2);
  const ColourStatistics got =
      colour_statistics(match_colours(grey(drawn_picture(64, 48)), content));
  EXPECT_LT(cv::norm(got.mean - colour_statistics(content).mean), 0.1);
  cv::Vec3d variances;
  cv::eigen(got.covariance, variances);
  EXPECT_GT(variances[0], 20);
  EXPECT_LT(variances[1], 1);  // rounding
}

TEST(MatchColours, ToAGreyPictureGivesGreys) {
  const Image got =
      match_colours(drawn_picture(64, 48), grey(soft_picture(50, 70, {120, 120, 120}, 0.4)));
  const auto samples = got.pixels();
  for (std::size_t i = 0; i < samples.size(); i += 3) {
    EXPECT_EQ(samples[i], samples[i + 1]);
    EXPECT_EQ(samples[i], samples[i + 2]);
  }
  EXPECT_GT(colour_statistics(got).covariance(0, 0), 100);
}

TEST(MatchColours, OfOneColourIsTheOther) {
  const Image red = plain(8, 6, 200, 10, 20);
  EXPECT_EQ(match_colours(red, plain(3, 3, 5, 60, 250)), plain(8, 6, 5, 60, 250));
  EXPECT_EQ(match_colours(drawn_picture(64, 48), red), plain(64, 48, 200, 10, 20));
}

TEST(MatchColours, SpreadsTheNoiseOfAnAlmostPlainPictureNoFurtherThanOneStepCanBe) {
  Image style = plain(8, 8, 100, 100, 100);
  style.row(3)[4] = 101;
  const Image content = drawn_picture(64, 48);
  const ColourStatistics wanted = colour_statistics(content);
  const ColourStatistics got = colour_statistics(match_colours(style, content));
  EXPECT_LT(got.covariance(0, 0), wanted.covariance(0, 0) / 32);
}

TEST(MatchColours, KeepsAlphaAndChangesNothingWhereNoPixelCounts) {
  const Image style = with_clear_left_half(drawn_picture(40, 30));
  const Image got = match_colours(style, drawn_picture(30, 20));
  EXPECT_TRUE(got.has_alpha());
  EXPECT_EQ(got.at(0, 0)[3], 0);
  EXPECT_EQ(got.at(39, 0)[3], 200);
  EXPECT_EQ(match_colours(style, Image(5, 5, 4)), style);
  EXPECT_EQ(match_colours(Image(5, 5, 4), style), Image(5, 5, 4));
}

TEST(WithColoursOf, IsTheContentWhereTheLuminanceIsTheContents) {
  const Image content = drawn_picture(40, 30);
  EXPECT_EQ(with_colours_of(content, content), content);
}

TEST(WithColoursOf, KeepsTheLuminanceOfThePainting) {
  const Image content = drawn_picture(40, 30);
  const Image painted = soft_picture(40, 30, {120, 90, 140}, 0.6);
  const Image got = with_colours_of(painted, content);
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x)
      EXPECT_NEAR(luminance(got.row(y) + 3 * x), luminance(painted.row(y) + 3 * x), 0.51);
}

TEST(WithColoursOf, KeepsTheChromaOfTheContentWhereItCanBeShown) {
  // luminance 100 against 120: each sample is 20 higher
  const Image got = with_colours_of(plain(1, 1, 120, 120, 120), plain(1, 1, 130, 90, 73));
  EXPECT_NEAR(luminance(plain(1, 1, 130, 90, 73).row(0)), 100.022, 1e-9);
  EXPECT_EQ(got, plain(1, 1, 150, 110, 93));
}

TEST(WithColoursOf, ShowsGreyAsGreyAndKeepsTheHueOfWhatIsTooBright) {
  EXPECT_EQ(with_colours_of(plain(1, 1, 255, 255, 255), plain(1, 1, 255, 0, 0)),
            plain(1, 1, 255, 255, 255));
  const Image pink = with_colours_of(plain(1, 1, 200, 200, 200), plain(1, 1, 255, 0, 0));
  const auto pixel = pink.at(0, 0);
  EXPECT_EQ(pixel[0], 255);
  EXPECT_EQ(pixel[1], pixel[2]);
  EXPECT_NEAR(luminance(pixel.data()), 200, 0.51);
  EXPECT_EQ(with_colours_of(plain(1, 1, 9, 80, 33), plain(1, 1, 7, 7, 7)), plain(1, 1, 53, 53, 53));
}

TEST(WithColoursOf, TakesAlphaFromThePaintingAndWantsEqualSizes) {
  const Image content = drawn_picture(40, 30);
  const Image got = with_colours_of(with_clear_left_half(content), content);
  EXPECT_EQ(got, with_clear_left_half(content));
  EXPECT_FALSE(with_colours_of(content, with_clear_left_half(content)).has_alpha());
  EXPECT_THROW(with_colours_of(content, drawn_picture(30, 40)), std::logic_error);
}

}  // namespace
}  // namespace likeness
