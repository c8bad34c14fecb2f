/// The recipe with the real detector, on photos of the shared training set.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/train/aligned_faces.h>

#include "support/real_data.h"

namespace likeness {
namespace {

struct ReferenceFace {
  std::string path;
  double score = 0;
  Landmarks landmarks;
};

double eye_distance(const Landmarks& landmarks) {
  return std::hypot(landmarks.right_eye.x - landmarks.left_eye.x,
                    landmarks.right_eye.y - landmarks.left_eye.y);
}

/// The mean distance of the five points, in eye distances of the second.
double difference(const Landmarks& a, const Landmarks& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 5; ++i)
    sum += std::hypot(a.points()[i].x - b.points()[i].x, a.points()[i].y - b.points()[i].y);
  return sum / 5 / eye_distance(b);
}

class RecipeOnPhotos : public testing::Test {
 protected:
  /// Every hundredth picture with the landmarks of another detector, where that is as sure as ours
  /// has to be: below, some pictures show no face at all.
  std::vector<ReferenceFace> read_reference() const {
    std::ifstream file(faces_ / "celeba299_landmarks.txt");
    std::vector<ReferenceFace> all;
    for (std::string line; std::getline(file, line);) {
      std::istringstream fields(line);
      ReferenceFace face;
      double skip = 0;
      fields >> face.path >> face.score >> skip >> skip >> skip >> skip;
      Landmarks& l = face.landmarks;
      for (Point* p : {&l.left_eye, &l.right_eye, &l.nose, &l.left_mouth, &l.right_mouth})
        fields >> p->x >> p->y;
      if (fields) all.push_back(face);
    }
    std::vector<ReferenceFace> some;
    for (std::size_t i = 0; i < all.size(); i += 100)
      if (all[i].score >= DetectorOptions{}.min_score) some.push_back(all[i]);
    return some;
  }

  Image read(const ReferenceFace& face) const {
    return read_image(faces_ / "celeba299" / face.path);
  }

  std::filesystem::path faces_ = shared_folder() / "data" / "faces";
  ModelStore store_;
};

TEST_F(RecipeOnPhotos, FindsTheLandmarksWhereAnotherDetectorDoes) {
  LIKENESS_SKIP_WHEN(missing_weights(store_, {"mtcnn", "landmark68"}));
  LIKENESS_SKIP_WHEN(missing_path(faces_ / "celeba299_landmarks.txt", "set LIKENESS_SHARED"));
  const FaceDetector detector(store_, c10::kCPU);
  const AlignmentRecipe recipe =
      alignment_recipe(detector, detector_id(store_.manifest()), arcface_template());
  std::vector<double> differences;
  std::size_t missed = 0;
  for (const ReferenceFace& face : read_reference()) {
    const auto found = recipe.locate(read(face));
    if (found)
      differences.push_back(difference(*found, face.landmarks));
    else
      ++missed;
  }
  ASSERT_GT(differences.size(), 50U);
  EXPECT_LE(missed, 2U);
  std::sort(differences.begin(), differences.end());
  EXPECT_LT(differences[differences.size() / 2], 0.08);
  EXPECT_LT(differences[differences.size() * 9 / 10], 0.2);
}

TEST_F(RecipeOnPhotos, ABorderFindsFacesThatTheEdgeCutsAtTheSamePlace) {
  LIKENESS_SKIP_WHEN(missing_weights(store_, {"mtcnn", "landmark68"}));
  LIKENESS_SKIP_WHEN(missing_path(faces_ / "celeba299_landmarks.txt", "set LIKENESS_SHARED"));
  const FaceDetector detector(store_, c10::kCPU);
  const AlignmentRecipe recipe =
      alignment_recipe(detector, detector_id(store_.manifest()), arcface_template());
  int plain = 0;
  int with_border = 0;
  int at_its_place = 0;
  for (const ReferenceFace& face : read_reference()) {
    // Just the landmarks with a quarter of the eye distance round them.
    const auto points = face.landmarks.points();
    const double margin = eye_distance(face.landmarks) / 4;
    const auto [left, right] = std::ranges::minmax(points, {}, &Point::x);
    const auto [top, bottom] = std::ranges::minmax(points, {}, &Point::y);
    const int x = static_cast<int>(left.x - margin);
    const int y = static_cast<int>(top.y - margin);
    const Image tight = crop(read(face), x, y, static_cast<int>(right.x + margin) - x,
                             static_cast<int>(bottom.y + margin) - y);
    plain += detector.detect(tight).empty() ? 0 : 1;
    const auto found = recipe.locate(tight);
    if (!found) continue;
    ++with_border;
    Landmarks back = *found;
    for (Point* p :
         {&back.left_eye, &back.right_eye, &back.nose, &back.left_mouth, &back.right_mouth})
      *p = {p->x + static_cast<float>(x), p->y + static_cast<float>(y)};
    at_its_place += difference(back, face.landmarks) < 0.35 ? 1 : 0;
  }
  RecordProperty("plain", plain);
  RecordProperty("with_border", with_border);
  EXPECT_GT(with_border, plain + 5);
  EXPECT_GT(at_its_place, with_border * 9 / 10);
}

}  // namespace
}  // namespace likeness
