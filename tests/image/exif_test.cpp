#include "image/exif.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "image/encoded_samples.h"

namespace likeness {
namespace {

TEST(ExifOrientation, IsReadInBothByteOrders) {
  for (const bool big_endian : {false, true})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      EXPECT_EQ(exif_orientation(exif_block(orientation, big_endian, true)), orientation);
      EXPECT_EQ(exif_orientation(exif_block(orientation, big_endian, false)), orientation);
    }
}

TEST(ExifOrientation, IsUprightForOtherValues) {
  for (const int value : {0, 9, 255, 65535})
    EXPECT_EQ(exif_orientation(exif_block(value, false, true)), 1);
}

TEST(ExifOrientation, IsUprightWhereTheBlockEndsTooSoon) {
  for (const bool big_endian : {false, true}) {
    const Bytes block = exif_block(6, big_endian, true);
    // The value's two bytes are the last that matter; four and the next directory follow.
    for (std::size_t length = 0; length + 6 < block.size(); ++length) {
      const Bytes part(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(exif_orientation(part), 1) << length;
    }
  }
}

TEST(ExifOrientation, SurvivesOffsetsThatPointOutside) {
  Bytes block = exif_block(6, false, false);
  for (std::size_t i = 4; i < 8; ++i) block[i] = 0xFF;
  EXPECT_EQ(exif_orientation(block), 1);
  block = exif_block(6, false, false);
  block[8] = block[9] = 0xFF;  // 65,535 entries: the one that is there still counts
  EXPECT_EQ(exif_orientation(block), 6);
  block = exif_block(6, false, false);
  block[12] = 2;  // text instead of a number
  EXPECT_EQ(exif_orientation(block), 1);
}

TEST(ExifOrientation, IsUprightForOtherContent) {
  EXPECT_EQ(exif_orientation(Bytes{}), 1);
  EXPECT_EQ(exif_orientation(Bytes{'E', 'x', 'i', 'f', 0, 0}), 1);
  EXPECT_EQ(exif_orientation(Bytes(1000, 'I')), 1);
}

}  // namespace
}  // namespace likeness
