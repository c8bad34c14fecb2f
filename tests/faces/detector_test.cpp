#include <algorithm>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/faces/detector.h>
#include <likeness/image/draw.h>
#include <likeness/image/transform.h>

#include "faces/mtcnn_detector.h"
#include "support/drawn_picture.h"
#include "support/error_code.h"
#include "support/portraits.h"
#include "support/real_data.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

class Detector : public testing::Test {
 protected:
  void SetUp() override {
    LIKENESS_SKIP_WHEN(missing_photos());
    LIKENESS_SKIP_WHEN(missing_weights(store_, {"mtcnn", "landmark68"}));
  }
  FaceDetector load(const DetectorOptions& options = {}) const {
    return {store_, c10::kCPU, options};
  }

  const ModelStore store_;
};

void expect_near(Point found, Point expected, float tolerance, const char* name) {
  EXPECT_NEAR(found.x, expected.x, tolerance) << name;
  EXPECT_NEAR(found.y, expected.y, tolerance) << name;
}

void expect_near(const Landmarks& found, const Landmarks& expected, float tolerance) {
  expect_near(found.left_eye, expected.left_eye, tolerance, "left eye");
  expect_near(found.right_eye, expected.right_eye, tolerance, "right eye");
  expect_near(found.nose, expected.nose, tolerance, "nose");
  expect_near(found.left_mouth, expected.left_mouth, tolerance, "left corner of the mouth");
  expect_near(found.right_mouth, expected.right_mouth, tolerance, "right corner of the mouth");
}

void expect_equal(const std::vector<Face>& found, const std::vector<Face>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].box, expected[i].box);
    EXPECT_EQ(found[i].landmarks.points(), expected[i].landmarks.points());
    EXPECT_EQ(found[i].score, expected[i].score);
  }
}

TEST(DetectorOptions, OutOfRangeAreRefusedBeforeWeightsAreNeeded) {
  const TemporaryFolder nothing;
  const ModelStore store(nothing.path());
  const auto make = [&](const DetectorOptions& options) {
    return code_of([&] { const FaceDetector detector(store, c10::kCPU, options); });
  };
  EXPECT_EQ(make({.min_face = 11}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.min_face = -1}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.min_score = -0.1F}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.min_score = 1.1F}), ErrorCode::invalid_argument);
  EXPECT_EQ(make({.min_score = std::nanf("")}), ErrorCode::invalid_argument);
}

TEST_F(Detector, LandmarksOfOneNetworkAloneAreNearThoseOfTwo) {
  const Image photo = read_image(sample_photo(3));
  const auto two = load().detect(photo);
  const auto one = load({.refine_landmarks = false}).detect(photo);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].box, two[i].box);
    EXPECT_NE(one[i].landmarks.points(), two[i].landmarks.points());
    expect_near(one[i].landmarks, two[i].landmarks, 0.06F * two[i].box.width);
    EXPECT_FALSE(one[i].mean_face);
    EXPECT_TRUE(two[i].mean_face);
  }
}

/// Boxes and points were checked by eye.
TEST_F(Detector, FindsTheThreeFacesOfAPhotoFromLeftToRight) {
  const auto faces = load().detect(read_image(sample_photo(3)));
  ASSERT_EQ(faces.size(), 3U);
  const std::array<Box, 3> boxes = {
      {{591, 327, 197, 267}, {1057, 206, 223, 296}, {1497, 279, 205, 301}}};
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_GT(intersection_over_union(faces[i].box, boxes[i]), 0.85) << i;
    EXPECT_GT(faces[i].score, 0.9F) << i;
  }
  expect_near(faces[0].landmarks, {{629, 431}, {726, 431}, {667, 489}, {638, 533}, {712, 533}}, 10);
  expect_near(faces[1].landmarks, {{1118, 320}, {1218, 338}, {1151, 390}, {1103, 426}, {1195, 441}},
              10);
  expect_near(faces[2].landmarks, {{1553, 409}, {1650, 403}, {1611, 468}, {1552, 501}, {1650, 496}},
              10);
}

TEST_F(Detector, FindsFacesThatAreTurnedTiltedOrHalfInTheDark) {
  const FaceDetector detector = load();
  // Photo 2 shows a woman from the side and one who hides behind her hair as well.
  const std::array<std::pair<int, std::size_t>, 5> photos = {
      {{1, 3}, {2, 1}, {4, 4}, {5, 5}, {6, 4}}};
  for (const auto& [number, women] : photos)
    EXPECT_GE(detector.detect(read_image(sample_photo(number))).size(), women) << number;
}

/// Behind hair and looking down, she fails the first networks at their usual scores.
TEST_F(Detector, LooksAgainWhereNothingIsFound) {
  const Image alone = crop(read_image(sample_photo(2)), 700, 100, 600, 500);
  const MtcnnDetector once(store_.load("mtcnn"), c10::kCPU);
  EXPECT_TRUE(once.detect(alone, 20, {}).empty());
  const auto faces = load().detect(alone);
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_GT(intersection_over_union(faces[0].box, {184, 133, 184, 238}), 0.8);
  EXPECT_GT(faces[0].score, DetectorOptions{}.min_score);
  EXPECT_TRUE(load({.min_score = faces[0].score}).detect(alone).empty()) << "as ever, above it";
  EXPECT_TRUE(load({.min_face = 250}).detect(alone).empty());
}

/// Small faces in the upper corners of the large one's box.
TEST_F(Detector, SmallFacesDoNotHideALargeOne) {
  const FaceDetector detector = load();
  const Image photo = cut_out(kAnnaAgain);
  const auto once = detector.detect(photo);
  ASSERT_EQ(once.size(), 1U);
  const Box& large = once[0].box;
  constexpr int kWidth = 48;
  for (const auto& portrait : kTwelveFaces)
    for (const float left : {large.x, large.x + large.width - kWidth}) {
      Image together = photo;
      paste(together, resize(cut_out(portrait), kWidth, kWidth * 5 / 4), static_cast<int>(left),
            static_cast<int>(large.y));
      const auto faces = detector.detect(together);
      EXPECT_TRUE(std::any_of(
          faces.begin(), faces.end(),
          [&](const Face& face) { return intersection_over_union(face.box, large) > 0.7F; }))
          << "with a face at " << left;
    }
}

TEST_F(Detector, FollowsAFaceThatMovesOrShrinks) {
  const FaceDetector detector = load();
  const Image photo = cut_out(kAnnaAgain);
  const auto once = detector.detect(photo);
  ASSERT_EQ(once.size(), 1U);
  const auto expect_at = [&](const std::vector<Face>& faces, float scale, float x, float y) {
    ASSERT_EQ(faces.size(), 1U);
    const auto found = faces[0].landmarks.points();
    const auto points = once[0].landmarks.points();
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_NEAR(found[i].x, scale * points[i].x + x, 0.03F * scale * once[0].box.width) << i;
      EXPECT_NEAR(found[i].y, scale * points[i].y + y, 0.03F * scale * once[0].box.width) << i;
    }
  };
  expect_at(detector.detect(crop(photo, -70, -33, 600, 600)), 1, 70, 33);
  expect_at(detector.detect(resize(photo, 200, 250)), 0.5F, 0, 0);
  expect_at(detector.detect(resize(photo, 100, 125)), 0.25F, 0, 0);
}

TEST_F(Detector, AlphaIsLookedThrough) {
  const Image photo = resize(cut_out(kAnnaOnce), 200, 250);
  Image opaque(photo.width(), photo.height(), 4);
  for (int y = 0; y < photo.height(); ++y)
    for (int x = 0; x < photo.width(); ++x) {
      std::copy_n(photo.at(x, y).begin(), 3, opaque.row(y) + 4 * x);
      opaque.row(y)[4 * x + 3] = 255;
    }
  const FaceDetector detector = load();
  expect_equal(detector.detect(opaque), detector.detect(photo));
}

TEST_F(Detector, TooSmallOrEmptyPicturesHaveNoFaces) {
  const FaceDetector detector = load();
  EXPECT_TRUE(detector.detect(Image()).empty());
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(19, 19), std::pair(20, 20),
                                      std::pair(1, 2000), std::pair(2000, 13)})
    EXPECT_TRUE(detector.detect(drawn_picture(width, height)).empty()) << width << " x " << height;
  EXPECT_TRUE(detector.detect(Image(400, 300)).empty()) << "a black picture";
}

TEST_F(Detector, KeepsToTheSmallestFaceAndScoreThatAreAskedFor) {
  const Image group = side_by_side(kTwelveFaces, 4, 200, 250);
  const auto all = load().detect(group);
  ASSERT_EQ(all.size(), 12U);
  for (const int min_face : {60, 100, 105, 220})
    for (const Face& face : load({.min_face = min_face}).detect(group))
      EXPECT_GE(std::min(face.box.width, face.box.height), static_cast<float>(min_face));
  EXPECT_EQ(load({.min_face = 60}).detect(group).size(), 12U);
  for (const float min_score : {0.5F, 0.99F, 0.9999F, 1.0F})
    for (const Face& face : load({.min_score = min_score}).detect(group))
      EXPECT_GT(face.score, min_score);
  EXPECT_TRUE(load({.min_score = 1}).detect(group).empty());
}

TEST_F(Detector, ManyThreadsAtOnceGiveTheSame) {
  const FaceDetector detector = load();
  const Image group = side_by_side(kTwelveFaces, 4, 200, 250);
  const auto expected = detector.detect(group);
  std::vector<std::vector<Face>> found(4);
  std::vector<std::thread> threads;
  for (auto& faces : found) threads.emplace_back([&] { faces = detector.detect(group); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& faces : found) {
    ASSERT_EQ(faces.size(), expected.size());
    for (std::size_t i = 0; i < faces.size(); ++i) {
      EXPECT_GT(intersection_over_union(faces[i].box, expected[i].box), 0.999F);
      expect_near(faces[i].landmarks, expected[i].landmarks, 0.05F);
    }
  }
}

}  // namespace
}  // namespace likeness
