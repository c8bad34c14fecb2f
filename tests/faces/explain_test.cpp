#include <algorithm>
#include <limits>

#include <gtest/gtest.h>
#include <likeness/faces/explain.h>

#include "support/drawn_picture.h"

namespace likeness {
namespace {

/// A face in the box, its landmarks at usual places.
Face face_at(const Box& box, float score = 1) {
  const auto point = [&](float x, float y) {
    return Point{box.x + x * box.width, box.y + y * box.height};
  };
  return {.box = box,
          .landmarks = {point(0.3F, 0.4F), point(0.7F, 0.4F), point(0.5F, 0.6F), point(0.35F, 0.8F),
                        point(0.65F, 0.8F)},
          .score = score};
}

Image filled(int width, int height, int red, int green, int blue, int channels = 3) {
  Image image(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + channels * x;
      pixel[0] = static_cast<std::uint8_t>(red);
      pixel[1] = static_cast<std::uint8_t>(green);
      pixel[2] = static_cast<std::uint8_t>(blue);
    }
  return image;
}

bool same_pixel(const Image& a, const Image& b, int x, int y) {
  return std::ranges::equal(a.at(x, y), b.at(x, y));
}

int changed_pixels(const Image& a, const Image& b) {
  int count = 0;
  for (int y = 0; y < a.height(); ++y)
    for (int x = 0; x < a.width(); ++x) count += same_pixel(a, b, x, y) ? 0 : 1;
  return count;
}

class Explanation : public testing::Test {
 protected:
  Image explain(const Verification& result) const {
    return explain_verification({"anna.jpg", photo_a, faces_a, 0, crop_a},
                                {"berta.jpg", photo_b, faces_b, 1, crop_b}, result, "duo");
  }
  Verification verdict(bool same, float distance) const {
    return {.same_person = same,
            .distance = distance,
            .threshold = 0.5F,
            .probability = 0.5,
            .fmr = 1e-3};
  }

  Image photo_a = filled(400, 300, 60, 60, 200);
  Image photo_b = filled(300, 400, 60, 200, 60);
  Image crop_a = filled(112, 112, 200, 200, 0);
  Image crop_b = filled(150, 150, 0, 200, 200);
  std::vector<Face> faces_a = {face_at({100, 80, 120, 150})};
  std::vector<Face> faces_b = {face_at({10, 10, 60, 80}), face_at({120, 200, 90, 110})};
};

TEST_F(Explanation, ShowsPhotosAndCropsUnderAVerdictInItsColour) {
  const Image same = explain(verdict(true, 0.2F));
  EXPECT_EQ(same.width(), 1200);
  EXPECT_EQ(same.channels(), 3);
  EXPECT_GT(same.height(), 620 + 190) << "the photos and below them the crops";
  const Image different = explain(verdict(false, 0.9F));
  EXPECT_EQ(different.height(), same.height());
  EXPECT_GT(same.at(600, 3)[1], same.at(600, 3)[0]) << "green";
  EXPECT_GT(different.at(600, 3)[0], different.at(600, 3)[1]) << "red";
  // The left photo, and the crops in the lower corners.
  EXPECT_TRUE(std::ranges::equal(same.at(60, 130), photo_a.at(0, 0)));
  EXPECT_TRUE(std::ranges::equal(same.at(130, same.height() - 130), crop_a.at(0, 0)));
  EXPECT_TRUE(std::ranges::equal(same.at(1070, same.height() - 130), crop_b.at(0, 0)));
}

TEST_F(Explanation, MarksTheFaceThatWasComparedAndItsLandmarks) {
  const Image before = explain(verdict(true, 0.2F));
  // The left photo fills its half of the width: a point of it lies at 36 + scale · x.
  const float scale = (1200 - 2 * 36 - 24) / 2.0F / 400;
  const auto on_page = [&](Point point) {
    return std::pair(static_cast<int>(36 + scale * (point.x + 0.5F)),
                     static_cast<int>(112 + scale * (point.y + 0.5F)));
  };
  for (const Point& landmark : faces_a[0].landmarks.points()) {
    const auto [x, y] = on_page(landmark);
    EXPECT_GT(before.at(x, y)[0], 200) << "a yellow dot";
    EXPECT_LT(before.at(x, y)[2], 120);
  }
  const auto [x, y] = on_page({100, 150});
  EXPECT_GT(before.at(x, y)[1], before.at(x, y)[2]) << "the box is green, as the verdict is";

  faces_a[0] = face_at({20, 20, 100, 100});
  EXPECT_GT(changed_pixels(explain(verdict(true, 0.2F)), before), 500);
}

TEST_F(Explanation, TheScaleShowsTheDistance) {
  const Image near = explain(verdict(true, 0.1F));
  EXPECT_EQ(near, explain(verdict(true, 0.1F)));
  EXPECT_GT(changed_pixels(near, explain(verdict(true, 0.4F))), 100);
  // Beyond its usual end at 2 it grows.
  EXPECT_EQ(explain(verdict(false, 4)).height(), near.height());
}

TEST_F(Explanation, TakesPicturesOfAnyShapeAndNamesOfAnyLength) {
  const Image strip = filled(3000, 2, 10, 10, 10);
  const Image tower = filled(2, 3000, 10, 10, 10, 4);
  const std::string name(5000, 'x');
  const Image picture =
      explain_verification({name, strip, faces_a, 0, crop_a},
                           {"Zoë \xFF\n", tower, faces_b, 0, crop_b}, verdict(false, 0.7F), name);
  EXPECT_EQ(picture.width(), 1200);
}

TEST_F(Explanation, NeedsPicturesAndAFaceThatExists) {
  const Image nothing;
  const Verification result = verdict(true, 0.2F);
  const ExplainedPhoto good = {"b", photo_b, faces_b, 0, crop_b};
  EXPECT_THROW(explain_verification({"a", nothing, faces_a, 0, crop_a}, good, result, "duo"),
               std::logic_error);
  EXPECT_THROW(explain_verification({"a", photo_a, faces_a, 0, nothing}, good, result, "duo"),
               std::logic_error);
  EXPECT_THROW(explain_verification(good, {"a", photo_a, faces_a, 1, crop_a}, result, "duo"),
               std::logic_error);
}

TEST(DrawFaces, FramesEachFaceAndLeavesTheRestAlone) {
  const Image photo = drawn_picture(640, 480);
  const std::vector<Face> faces = {face_at({100, 100, 120, 150}), face_at({400, 200, 90, 110})};
  const Image drawn = draw_faces(photo, faces);
  ASSERT_EQ(drawn.width(), 640);
  ASSERT_EQ(drawn.height(), 480);
  for (const Face& face : faces) {
    const int right = static_cast<int>(face.box.x + face.box.width);
    const int middle = static_cast<int>(face.box.center().y);
    bool framed = false;
    for (int x = right - 3; x <= right + 3; ++x) framed |= !same_pixel(drawn, photo, x, middle);
    EXPECT_TRUE(framed);
    for (const Point& p : face.landmarks.points())
      EXPECT_FALSE(same_pixel(drawn, photo, static_cast<int>(p.x), static_cast<int>(p.y)));
  }
  EXPECT_TRUE(same_pixel(drawn, photo, 20, 20));
  EXPECT_TRUE(same_pixel(drawn, photo, 320, 400));
  EXPECT_LT(changed_pixels(drawn, photo), 640 * 480 / 10);
}

TEST(DrawFaces, NobodyMeansAnUnchangedCopyWithoutAlpha) {
  const Image photo = drawn_picture(64, 48);
  EXPECT_EQ(draw_faces(photo, {}), photo);
  const Image clear(64, 48, 4);  // alpha 0 everywhere
  const Image flat = draw_faces(clear, {});
  EXPECT_EQ(flat.channels(), 3);
  EXPECT_EQ(flat.at(5, 5)[0], 255) << "over white";
}

TEST(DrawFaces, BoxesMayReachBeyondThePicture) {
  const Image photo = drawn_picture(100, 80);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Face> faces = {face_at({-50, -40, 120, 100}), face_at({90, 70, 1e9F, 1e9F}),
                                   face_at({5000, 5000, 10, 10}), face_at({kNan, 0, kNan, kNan})};
  const Image drawn = draw_faces(photo, faces);
  EXPECT_EQ(drawn.width(), 100);
  EXPECT_EQ(drawn.height(), 80);
  EXPECT_GT(changed_pixels(drawn, photo), 0);
  EXPECT_EQ(draw_faces(Image(1, 1), faces).width(), 1);
}

}  // namespace
}  // namespace likeness
