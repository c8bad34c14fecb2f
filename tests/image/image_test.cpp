#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/image/image.h>

namespace likeness {
namespace {

TEST(Image, StartsBlack) {
  const Image image(3, 2, 4);
  EXPECT_EQ(image.width(), 3);
  EXPECT_EQ(image.height(), 2);
  EXPECT_EQ(image.pixels().size(), 24U);
  for (const int sample : image.pixels()) EXPECT_EQ(sample, 0);
  EXPECT_TRUE(image.has_alpha());
  EXPECT_FALSE(image.empty());
}

TEST(Image, IsEmptyByDefault) {
  const Image image;
  EXPECT_TRUE(image.empty());
  EXPECT_EQ(image.width(), 0);
  EXPECT_EQ(image.height(), 0);
  EXPECT_EQ(image.channels(), 3);
}

TEST(Image, OrdersSamplesByRowColumnChannel) {
  std::vector<std::uint8_t> samples(18);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::uint8_t>(i);
  const Image image(3, 2, 3, samples);
  EXPECT_EQ(image.at(2, 1)[0], 15);
  EXPECT_EQ(image.at(2, 1)[2], 17);
  EXPECT_EQ(image.at(2, 1).size(), 3U);
  EXPECT_EQ(image.row(1)[0], 9);
}

TEST(Image, CopiesItsPixels) {
  const Image original(2, 2);
  Image copy = original;
  copy.row(0)[0] = 9;
  EXPECT_EQ(original.at(0, 0)[0], 0);
  EXPECT_FALSE(original == copy);
}

TEST(Image, RejectsImpossibleSizes) {
  EXPECT_THROW(Image(0, 1), std::logic_error);
  EXPECT_THROW(Image(1, -1), std::logic_error);
  EXPECT_THROW(Image(1, 1, 2), std::logic_error);
  EXPECT_THROW(Image(2, 2, 3, std::vector<std::uint8_t>(11)), std::logic_error);
  EXPECT_THROW(Image(2, 2).at(2, 0), std::logic_error);
  EXPECT_THROW(Image(2, 2).at(0, -1), std::logic_error);
}

}  // namespace
}  // namespace likeness
