#include <likeness/core/error.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/transform.h>

namespace likeness {

const AlignmentTemplate& arcface_template() {
  static const AlignmentTemplate value{.size = 112,
                                       .points = {{{38.2946F, 51.6963F},
                                                   {73.5318F, 51.5014F},
                                                   {56.0252F, 71.7366F},
                                                   {41.5493F, 92.3655F},
                                                   {70.7299F, 92.2041F}}}};
  return value;
}

const AlignmentTemplate& dlib_template() {
  static const AlignmentTemplate value = [] {
    constexpr float kPadding = 0.25F;
    constexpr int kSize = 150;
    AlignmentTemplate chip{.size = kSize,
                           .points = {{{0.225492F, 0.215990F},
                                       {0.754761F, 0.215990F},
                                       {0.490127F, 0.515625F},
                                       {0.254149F, 0.780233F},
                                       {0.726104F, 0.780233F}}},
                           .mean_face = true};
    for (Point& point : chip.points) {
      point.x = (kPadding + point.x) / (1 + 2 * kPadding) * kSize;
      point.y = (kPadding + point.y) / (1 + 2 * kPadding) * kSize;
    }
    return chip;
  }();
  return value;
}

AlignmentTemplate scaled_template(const AlignmentTemplate& base, int size) {
  LIKENESS_CHECK(size > 0);
  AlignmentTemplate scaled = base;
  scaled.size = size;
  const float factor = static_cast<float>(size) / static_cast<float>(base.size);
  // The picture's corner lies at (-0.5, -0.5): the centre of the first pixel is the origin.
  for (Point& point : scaled.points)
    point = {(point.x + 0.5F) * factor - 0.5F, (point.y + 0.5F) * factor - 0.5F};
  return scaled;
}

const Landmarks& landmarks_for(const Face& face, const AlignmentTemplate& target) {
  return target.mean_face && face.mean_face ? *face.mean_face : face.landmarks;
}

Image align_face(const Image& image, const Landmarks& landmarks, const AlignmentTemplate& target) {
  const auto points = landmarks.points();
  return warp(image, fit_similarity(points, target.points), target.size, target.size);
}

}  // namespace likeness
