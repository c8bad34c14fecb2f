#include <gtest/gtest.h>
#include <likeness/gallery/face_crop.h>

#include "support/error_code.h"

namespace likeness {
namespace {

Image gradient(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<std::uint8_t>(x % 256);
      image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(y % 256);
    }
  return image;
}

Face face_at(float x, float y, float size) {
  return {{x, y, size, size},
          {{x + 0.3F * size, y + 0.4F * size},
           {x + 0.7F * size, y + 0.4F * size},
           {x + 0.5F * size, y + 0.6F * size},
           {x + 0.35F * size, y + 0.8F * size},
           {x + 0.65F * size, y + 0.8F * size}},
          0.9F};
}

TEST(FaceCrop, KeepsThePixelsUnderTheLandmarks) {
  const Image photo = gradient(250, 200);
  const Face face = face_at(100, 60, 80);
  const FaceCrop crop = cut_face(photo, face);
  EXPECT_NEAR(crop.picture.width(), 120, 2);
  const Point eye = crop.landmarks.left_eye;
  const auto pixel = crop.picture.at(static_cast<int>(eye.x), static_cast<int>(eye.y));
  EXPECT_EQ(pixel[0], 124);  // 100 + 0.3 · 80
  EXPECT_EQ(pixel[1], 92);   // 60 + 0.4 · 80
}

TEST(FaceCrop, StaysInsideThePhotoAndIsBounded) {
  const FaceCrop corner = cut_face(gradient(100, 100), face_at(-30, 70, 60));
  EXPECT_LE(corner.picture.width(), 100);
  EXPECT_FALSE(corner.picture.empty());
  const FaceCrop large = cut_face(gradient(1500, 1500), face_at(200, 200, 1000));
  EXPECT_LE(large.picture.width(), kLargestCrop);
  EXPECT_LE(large.landmarks.right_mouth.x, static_cast<float>(kLargestCrop));
}

TEST(FaceCrop, ComesBackFromItsBytes) {
  const FaceCrop crop = cut_face(gradient(250, 200), face_at(100, 60, 80));
  const FaceCrop back = face_crop_from_bytes(to_bytes(crop));
  EXPECT_EQ(back.picture, crop.picture);
  EXPECT_EQ(back.landmarks.points(), crop.landmarks.points());
}

TEST(FaceCrop, RefusesDamagedBytes) {
  Bytes bytes = to_bytes(cut_face(gradient(250, 200), face_at(100, 60, 80)));
  const auto refused = [](const Bytes& damaged) {
    return code_of([&] { face_crop_from_bytes(damaged); });
  };
  EXPECT_EQ(refused({1, 2, 3}), ErrorCode::corrupt_file);
  EXPECT_EQ(refused(Bytes(bytes.begin(), bytes.begin() + 200)), ErrorCode::corrupt_file);
  bytes[3] = 0x7f;  // an eye at infinity
  bytes[2] = 0x80;
  EXPECT_EQ(refused(bytes), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
