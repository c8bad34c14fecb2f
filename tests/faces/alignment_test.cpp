#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/faces/alignment.h>

namespace likeness {
namespace {

void expect_near(Point actual, Point expected, float tolerance) {
  EXPECT_NEAR(actual.x, expected.x, tolerance);
  EXPECT_NEAR(actual.y, expected.y, tolerance);
}

/// A black picture with a soft round spot at each landmark; each has its own colour and grey level.
Image with_spots(int width, int height, const Landmarks& landmarks, float radius) {
  constexpr std::array<std::array<int, 3>, 5> kColours = {
      {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}, {0, 255, 255}}};
  Image image(width, height);
  const auto points = landmarks.points();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (std::size_t i = 0; i < points.size(); ++i) {
        const float dx = static_cast<float>(x) - points[i].x;
        const float dy = static_cast<float>(y) - points[i].y;
        const float strength = std::exp(-(dx * dx + dy * dy) / (radius * radius));
        if (strength < 0.02F) continue;
        for (std::size_t c = 0; c < 3; ++c)
          image.row(y)[3 * x + static_cast<int>(c)] =
              static_cast<std::uint8_t>(std::lround(strength * static_cast<float>(kColours[i][c])));
      }
  return image;
}

/// Where the spots are: the centres of mass of the five colours.
std::array<Point, 5> find_spots(const Image& image) {
  std::array<double, 5> mass{};
  std::array<double, 5> x_sum{};
  std::array<double, 5> y_sum{};
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const auto pixel = image.at(x, y);
      const bool red = pixel[0] > 12;
      const bool green = pixel[1] > 12;
      const bool blue = pixel[2] > 12;
      if (!red && !green && !blue) continue;
      const std::size_t spot = red && green ? 3 : green && blue ? 4 : red ? 0 : green ? 1 : 2;
      const double weight = std::max({pixel[0], pixel[1], pixel[2]});
      mass[spot] += weight;
      x_sum[spot] += weight * x;
      y_sum[spot] += weight * y;
    }
  std::array<Point, 5> centres;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_GT(mass[i], 0) << "spot " << i << " is missing";
    centres[i] = {static_cast<float>(x_sum[i] / mass[i]), static_cast<float>(y_sum[i] / mass[i])};
  }
  return centres;
}

/// The template's points, turned by `degrees`, scaled and moved: a face in a photo.
Landmarks placed(const AlignmentTemplate& target, float degrees, float scale, Point shift) {
  const float angle = degrees * 3.14159265F / 180;
  const Similarity place{
      .a = scale * std::cos(angle), .b = scale * std::sin(angle), .tx = shift.x, .ty = shift.y};
  std::array<Point, 5> p;
  for (std::size_t i = 0; i < 5; ++i) p[i] = place.apply(target.points[i]);
  return {p[0], p[1], p[2], p[3], p[4]};
}

TEST(AlignmentTemplate, ArcFaceIsThePublishedOne) {
  const auto& t = arcface_template();
  EXPECT_EQ(t.size, 112);
  expect_near(t.points[0], {38.2946F, 51.6963F}, 1e-4F);
  expect_near(t.points[1], {73.5318F, 51.5014F}, 1e-4F);
  expect_near(t.points[2], {56.0252F, 71.7366F}, 1e-4F);
  expect_near(t.points[3], {41.5493F, 92.3655F}, 1e-4F);
  expect_near(t.points[4], {70.7299F, 92.2041F}, 1e-4F);
}

TEST(AlignmentTemplate, DlibsHasItsMeanFaceInTheMiddleTwoThirds) {
  const auto& t = dlib_template();
  EXPECT_EQ(t.size, 150);
  // (0.25 + p) / 1.5 · 150 for the points p of the mean face
  expect_near(t.points[0], {47.5492F, 46.5990F}, 1e-3F);
  expect_near(t.points[1], {100.4761F, 46.5990F}, 1e-3F);
  expect_near(t.points[2], {74.0127F, 76.5625F}, 1e-3F);
  expect_near(t.points[3], {50.4149F, 103.0233F}, 1e-3F);
  expect_near(t.points[4], {97.6104F, 103.0233F}, 1e-3F);
}

TEST(AlignFace, PutsLandmarksOntoTheTemplate) {
  for (const AlignmentTemplate* target : {&arcface_template(), &dlib_template()})
    for (const float degrees : {0.0F, -25.0F, 60.0F, 180.0F})
      for (const float scale : {0.8F, 1.0F, 3.0F}) {
        SCOPED_TRACE(std::to_string(target->size) + " px, " + std::to_string(degrees) +
                     " degrees, scale " + std::to_string(scale));
        const float angle = degrees * 3.14159265F / 180;
        const float half = static_cast<float>(target->size) * scale / 2;
        // The template's centre comes to (300, 280).
        const Point shift{300 - half * (std::cos(angle) - std::sin(angle)),
                          280 - half * (std::sin(angle) + std::cos(angle))};
        const Landmarks landmarks = placed(*target, degrees, scale, shift);
        const Image crop =
            align_face(with_spots(600, 560, landmarks, 3 * scale), landmarks, *target);
        ASSERT_EQ(crop.width(), target->size);
        ASSERT_EQ(crop.height(), target->size);
        const auto spots = find_spots(crop);
        for (std::size_t i = 0; i < 5; ++i) expect_near(spots[i], target->points[i], 0.5F);
      }
}

TEST(AlignFace, IsBlackOutsideOfThePicture) {
  const auto& target = arcface_template();
  Image white(80, 80, 3, std::vector<std::uint8_t>(80 * 80 * 3, 255));
  const Image crop = align_face(white, placed(target, 0, 1, {-40, -40}), target);
  EXPECT_EQ(crop.at(0, 0)[0], 0);
  EXPECT_EQ(crop.at(60, 60)[0], 255);
  EXPECT_EQ(crop.at(39, 60)[0], 0);
}

TEST(AlignFace, CannotPlaceLandmarksThatAreAllTheSame) {
  const Point same{10, 10};
  EXPECT_THROW(align_face(Image(20, 20), {same, same, same, same, same}, arcface_template()),
               std::logic_error);
}

TEST(Alignment, TheMeanFaceCountsWhereTheTemplateAsksForItAndItIsKnown) {
  const Landmarks own = {{1, 1}, {2, 1}, {1.5F, 2}, {1, 3}, {2, 3}};
  const Landmarks mean = {{11, 1}, {12, 1}, {11.5F, 2}, {11, 3}, {12, 3}};
  Face face{.box = {}, .landmarks = own};
  EXPECT_EQ(landmarks_for(face, dlib_template()).points(), own.points());
  face.mean_face = mean;
  EXPECT_EQ(landmarks_for(face, dlib_template()).points(), mean.points());
  EXPECT_EQ(landmarks_for(face, arcface_template()).points(), own.points());
  EXPECT_TRUE(scaled_template(dlib_template(), 64).mean_face);
}

}  // namespace
}  // namespace likeness
