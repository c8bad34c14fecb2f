#include "faces/without_doubles.h"

#include <vector>

#include <gtest/gtest.h>

namespace likeness {
namespace {

/// Eyes, nose and mouth in the middle half of the box.
Face face_in(const Box& box, float score) {
  const auto at = [&](float x, float y) {
    return Point{box.x + x * box.width, box.y + y * box.height};
  };
  return {.box = box,
          .landmarks = {at(0.3F, 0.4F), at(0.7F, 0.4F), at(0.5F, 0.55F), at(0.35F, 0.75F),
                        at(0.65F, 0.75F)},
          .score = score};
}

std::vector<Box> boxes_left(const std::vector<Face>& faces) {
  std::vector<Box> boxes;
  for (const Face& face : without_doubles(faces)) boxes.push_back(face.box);
  return boxes;
}

constexpr Box kLarge = {100, 100, 100, 100};

TEST(WithoutDoubles, OfBoxesOfOneFaceTheBestScoreStays) {
  const Box near = {105, 95, 90, 110};
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.8F), face_in(near, 0.9F)}), std::vector<Box>{near});
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.9F), face_in(near, 0.8F)}), std::vector<Box>{kLarge});
  EXPECT_TRUE(boxes_left({}).empty());
}

TEST(WithoutDoubles, FacesSideBySideBothStayTheBestScoreFirst) {
  const Box beside = {180, 100, 100, 100};
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.8F), face_in(beside, 0.9F)}),
            (std::vector<Box>{beside, kLarge}));
}

TEST(WithoutDoubles, AHeadBesideTheCheekDoesNotHideTheLargeFace) {
  const Box behind = {170, 95, 30, 40};
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.98F), face_in(behind, 0.99F)}),
            (std::vector<Box>{behind, kLarge}));
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.99F), face_in(behind, 0.98F)}), std::vector<Box>{kLarge});
}

TEST(WithoutDoubles, AnEyeThatWasTakenForAFaceGoes) {
  const Box eye = {125, 130, 20, 20};
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.98F), face_in(eye, 0.99F)}), std::vector<Box>{kLarge});
}

/// Half as wide is no head in the background: the detector's boxes of one face differ by as much.
TEST(WithoutDoubles, ABoxOfAQuarterIsNotFarSmaller) {
  const Box quarter = {150, 100, 50, 50};
  EXPECT_EQ(boxes_left({face_in(kLarge, 0.98F), face_in(quarter, 0.99F)}),
            std::vector<Box>{quarter});
}

}  // namespace
}  // namespace likeness
