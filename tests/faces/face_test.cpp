#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/faces/face.h>

namespace likeness {
namespace {

Face face_at(float x, float y, float width, float height) {
  return {.box = {x, y, width, height}, .landmarks = {}, .score = 1};
}

TEST(MainFace, IsTheOnlyOne) {
  EXPECT_EQ(main_face(std::vector{face_at(0, 0, 5, 5)}, 400, 300), 0U);
}

TEST(MainFace, IsTheLargestOfThoseEquallyFarFromTheCentre) {
  // Centres 100 px to the left and to the right of (200, 150).
  const std::vector faces = {face_at(80, 130, 40, 40), face_at(275, 125, 50, 50)};
  EXPECT_EQ(main_face(faces, 400, 300), 1U);
}

TEST(MainFace, IsTheMostCentralOfThoseEquallyLarge) {
  const std::vector faces = {face_at(0, 0, 60, 60), face_at(170, 120, 60, 60),
                             face_at(340, 240, 60, 60)};
  EXPECT_EQ(main_face(faces, 400, 300), 1U);
}

TEST(MainFace, InACornerMustBeEightTimesAsLargeAsInTheCentre) {
  const Face central = face_at(175, 125, 50, 50);
  // A box around the top-left corner: its centre is half a diagonal away.
  const auto winner = [&](float side) {
    return main_face(std::vector{central, face_at(-side / 2, -side / 2, side, side)}, 400, 300);
  };
  EXPECT_EQ(winner(140), 0U);  // 50 · √8 = 141.4
  EXPECT_EQ(winner(143), 1U);
}

TEST(MainFace, DoesNotDependOnTheOrder) {
  std::vector faces = {face_at(10, 10, 90, 90), face_at(150, 100, 100, 100),
                       face_at(300, 20, 80, 80)};
  EXPECT_EQ(main_face(faces, 400, 300), 1U);
  std::swap(faces[0], faces[1]);
  EXPECT_EQ(main_face(faces, 400, 300), 0U);
}

TEST(MainFace, NeedsAFace) {
  EXPECT_THROW(main_face({}, 400, 300), std::logic_error);
}

}  // namespace
}  // namespace likeness
