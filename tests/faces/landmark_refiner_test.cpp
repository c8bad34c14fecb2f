#include "faces/landmark_refiner.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/detector.h>
#include <likeness/image/transform.h>

#include "faces/mtcnn_detector.h"
#include "support/portraits.h"
#include "support/real_data.h"

namespace likeness {
namespace {

float eyes_apart(const Landmarks& l) {
  return std::hypot(l.right_eye.x - l.left_eye.x, l.right_eye.y - l.left_eye.y);
}

/// Largest distance of two of the points, as a share of that of the eyes.
float farthest(const Landmarks& a, const Landmarks& b) {
  float largest = 0;
  for (std::size_t i = 0; i < 5; ++i)
    largest = std::max(
        largest, std::hypot(a.points()[i].x - b.points()[i].x, a.points()[i].y - b.points()[i].y));
  return largest / eyes_apart(b);
}

Landmarks moved(const Landmarks& landmarks, float x, float y) {
  const auto move = [&](Point p) { return Point{p.x + x, p.y + y}; };
  return {move(landmarks.left_eye), move(landmarks.right_eye), move(landmarks.nose),
          move(landmarks.left_mouth), move(landmarks.right_mouth)};
}

Landmarks mirrored(const Landmarks& l, const Image& image) {
  const auto across = [&](Point p) {
    return Point{static_cast<float>(image.width() - 1) - p.x, p.y};
  };
  return {across(l.right_eye), across(l.left_eye), across(l.nose), across(l.right_mouth),
          across(l.left_mouth)};
}

class LandmarkRefining : public testing::Test {
 protected:
  void SetUp() override {
    LIKENESS_SKIP_WHEN(missing_photos());
    LIKENESS_SKIP_WHEN(missing_weights(store_, {"mtcnn", "landmark68"}));
    refiner_.emplace(store_.load("landmark68"), c10::kCPU);
    const MtcnnDetector detector(store_.load("mtcnn"), c10::kCPU);
    photo_ = read_image(sample_photo(3));
    faces_ = detector.detect(photo_, 20, {});
    ASSERT_EQ(faces_.size(), 3U);
  }
  Face refined(const Image& image, const Landmarks& landmarks) const {
    Face face{.box = {}, .landmarks = landmarks};
    refiner_->refine(image, {&face, 1});
    return face;
  }

  const ModelStore store_;
  std::optional<LandmarkRefiner> refiner_;
  Image photo_;
  std::vector<Face> faces_;  ///< as the detector alone finds them
};

TEST_F(LandmarkRefining, LeadsBackFromPlacesALittleOff) {
  for (const Face& face : faces_) {
    const Landmarks exact = refined(photo_, face.landmarks).landmarks;
    EXPECT_LT(farthest(exact, face.landmarks), 0.12F);
    const float step = 0.1F * eyes_apart(face.landmarks);
    for (const auto& [x, y] : {std::pair{step, 0.0F}, {-step, 0.0F}, {0.0F, step}, {0.0F, -step}}) {
      const Landmarks off = moved(face.landmarks, x, y);
      EXPECT_LT(farthest(refined(photo_, off).landmarks, exact), 0.075F)
          << "half of what it was off, and little more";
    }
  }
}

/// Each of the 68 points has its opposite in the mirrored face.
TEST_F(LandmarkRefining, SeesTheMirroredFaceMirrored) {
  const Image turned = mirror(photo_);
  for (const Face& face : faces_) {
    const Face here = refined(photo_, face.landmarks);
    const Face there = refined(turned, mirrored(face.landmarks, photo_));
    ASSERT_TRUE(here.mean_face && there.mean_face);
    EXPECT_LT(farthest(mirrored(there.landmarks, photo_), here.landmarks), 0.01F);
    // dlib's mean face is not quite symmetric.
    EXPECT_LT(farthest(mirrored(*there.mean_face, photo_), *here.mean_face), 0.06F);
  }
}

TEST_F(LandmarkRefining, TheMeanFaceHasItsOwnShapeNearTheLandmarks) {
  for (const Face& face : faces_) {
    const Face exact = refined(photo_, face.landmarks);
    ASSERT_TRUE(exact.mean_face);
    EXPECT_LT(farthest(*exact.mean_face, exact.landmarks), 0.35F);
    const Similarity onto = fit_similarity(exact.mean_face->points(), dlib_template().points);
    for (std::size_t i = 0; i < 5; ++i) {
      const Point p = onto.apply(exact.mean_face->points()[i]);
      EXPECT_NEAR(p.x, dlib_template().points[i].x, 0.01F);
      EXPECT_NEAR(p.y, dlib_template().points[i].y, 0.01F);
    }
  }
}

TEST_F(LandmarkRefining, LandmarksFarFromTheFaceStayAsTheyAre) {
  const Landmarks off = moved(faces_[0].landmarks, 0.9F * eyes_apart(faces_[0].landmarks), 0);
  const Face face = refined(photo_, off);
  EXPECT_EQ(face.landmarks.points(), off.points());
  EXPECT_FALSE(face.mean_face);
  EXPECT_FALSE(refiner_->mean_face(photo_, off));
}

TEST_F(LandmarkRefining, ManyFacesAtOnceAreAsOneByOne) {
  std::vector<Face> all = faces_;
  refiner_->refine(photo_, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Face one = refined(photo_, faces_[i].landmarks);
    EXPECT_LT(farthest(all[i].landmarks, one.landmarks), 1e-3F);
    EXPECT_EQ(all[i].box, faces_[i].box);
    EXPECT_EQ(all[i].score, faces_[i].score);
    EXPECT_LT(farthest(*refiner_->mean_face(photo_, faces_[i].landmarks), *all[i].mean_face),
              1e-3F);
  }
  refiner_->refine(photo_, {});
}

}  // namespace
}  // namespace likeness
