#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/face_place.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/codec.h>

#include "support/temporary_folder.h"

namespace likeness {
namespace {

class FacePlaceTest : public testing::Test {
 protected:
  void add(const std::string& name, int width, int height) const {
    write_image(folder_.path() / name, Image(width, height));
  }
  /// A face whose landmarks all lie at (x, y).
  static EncodedPicture found_at(float x, float y) {
    const Point point{x, y};
    return {{.box = {},
             .landmarks = {.left_eye = point,
                           .right_eye = point,
                           .nose = {x + 1, y},
                           .left_mouth = point,
                           .right_mouth = point},
             .score = 0.9F},
            {1, 0}};
  }
  TemporaryFolder folder_;
};

TEST_F(FacePlaceTest, IsTheMedianInSharesOfThePictures) {
  add("a.png", 100, 50);
  add("b.png", 10, 10);
  add("c.png", 200, 200);
  add("d.png", 100, 100);
  const EncodedPictures encoded = {{"a.png", found_at(30, 20)},    // 0.3, 0.4
                                   {"b.png", found_at(5, 6)},      // 0.5, 0.6
                                   {"c.png", found_at(180, 190)},  // 0.9, 0.95
                                   {"d.png", std::nullopt}};
  const FacePlace place = usual_place(folder_.path(), encoded);
  EXPECT_FLOAT_EQ(place[0].x, 0.5F);
  EXPECT_FLOAT_EQ(place[0].y, 0.6F);
  EXPECT_FLOAT_EQ(place[2].x, 0.6F);
  const Face face = face_at(place, 40, 20);
  EXPECT_FLOAT_EQ(face.landmarks.left_eye.x, 20);
  EXPECT_FLOAT_EQ(face.landmarks.nose.x, 24);
  EXPECT_FLOAT_EQ(face.landmarks.right_mouth.y, 12);
  EXPECT_EQ(face.box, (Box{0, 0, 40, 20}));
}

TEST_F(FacePlaceTest, WithoutAnyFaceThePictureCountsAsAligned) {
  add("a.png", 10, 10);
  const FacePlace place = usual_place(folder_.path(), {{"a.png", std::nullopt}});
  const Face face = face_at(place, 112, 112);
  for (std::size_t k = 0; k < place.size(); ++k) {
    EXPECT_NEAR(face.landmarks.points()[k].x, arcface_template().points[k].x, 1e-4);
    EXPECT_NEAR(face.landmarks.points()[k].y, arcface_template().points[k].y, 1e-4);
  }
}

TEST_F(FacePlaceTest, WhatHasNoFaceIsEncodedAndMarked) {
  add("found.png", 8, 8);
  add("none.png", 8, 8);
  write_file(folder_.path() / "broken.png", std::string_view("no picture"));
  EncodedPictures encoded = {
      {"found.png", found_at(4, 4)}, {"none.png", std::nullopt}, {"broken.png", std::nullopt}};
  struct Notes : Progress {
    void note(std::string_view) override { ++notes; }
    void begin(std::string_view, std::int64_t total) override { pictures = total; }
    int notes = 0;
    std::int64_t pictures = 0;
  } progress;
  const PictureSteps steps = {
      .locate = [](const Image& image) -> std::optional<LocatedFace> {
        return LocatedFace{face_at({}, image.width(), image.height()), {.crops = {image}}};
      },
      .encode =
          [](std::span<const AlignedFace> faces) {
            return std::vector<Encoding>(faces.size(), Encoding{0, 1});
          }};
  encode_without_face(folder_.path(), encoded, steps, {.threads = 1}, progress);
  EXPECT_EQ(progress.pictures, 2);
  EXPECT_EQ(progress.notes, 0) << "the broken one was told when faces were looked for";
  EXPECT_EQ(encoded.at("found.png")->encoding, (Encoding{1, 0}));
  EXPECT_FALSE(is_guessed(*encoded.at("found.png")));
  ASSERT_TRUE(encoded.at("none.png").has_value());
  EXPECT_EQ(encoded.at("none.png")->encoding, (Encoding{0, 1}));
  EXPECT_TRUE(is_guessed(*encoded.at("none.png")));
  EXPECT_FALSE(encoded.at("broken.png").has_value());
}

}  // namespace
}  // namespace likeness
