#include <algorithm>
#include <cmath>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <likeness/train/aligned_faces.h>

namespace likeness {
namespace {

std::optional<Landmarks> landmarks_of_main_face(const FaceDetector& detector, const Image& image,
                                                const AlignmentTemplate& target) {
  const std::vector<Face> faces = detector.detect(image);
  if (faces.empty()) return std::nullopt;
  return landmarks_for(faces[main_face(faces, image.width(), image.height())], target);
}

Landmarks shifted(const Landmarks& landmarks, float x, float y) {
  const auto shift = [&](Point p) { return Point{p.x + x, p.y + y}; };
  return {.left_eye = shift(landmarks.left_eye),
          .right_eye = shift(landmarks.right_eye),
          .nose = shift(landmarks.nose),
          .left_mouth = shift(landmarks.left_mouth),
          .right_mouth = shift(landmarks.right_mouth)};
}

/// Searches once more with half of the picture's size around it.
std::optional<Landmarks> search_with_border(const FaceDetector& detector, const Image& image,
                                            const AlignmentTemplate& target) {
  constexpr int kLargest = 2048;  // tight crops are small; there is no need to search large photos
  if (std::max(image.width(), image.height()) > kLargest) return std::nullopt;
  const int left = image.width() / 2;
  const int top = image.height() / 2;
  const Image larger = crop(image, -left, -top, image.width() + 2 * left, image.height() + 2 * top);
  const auto found = landmarks_of_main_face(detector, larger, target);
  if (!found) return std::nullopt;
  return shifted(*found, static_cast<float>(-left), static_cast<float>(-top));
}

}  // namespace

AlignmentRecipe alignment_recipe(const FaceDetector& detector, std::string detector_id,
                                 const AlignmentTemplate& target) {
  return {.detector = std::move(detector_id) + ", main face, border",
          .locate = [&detector, target](const Image& image) -> std::optional<Landmarks> {
            if (auto found = landmarks_of_main_face(detector, image, target)) return found;
            return search_with_border(detector, image, target);
          },
          .target = target};
}

AlignmentTemplate with_margin(const AlignmentTemplate& base, int margin) {
  LIKENESS_CHECK(base.size > 0 && margin >= 0);
  AlignmentTemplate result = base;
  result.size += 2 * margin;
  for (Point& point : result.points) {
    point.x += static_cast<float>(margin);
    point.y += static_cast<float>(margin);
  }
  return result;
}

}  // namespace likeness
