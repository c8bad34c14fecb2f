#pragma once

/// A face in a picture.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <likeness/image/geometry.h>

namespace likeness {

/// Left and right are those of the picture, not of the person.
struct Landmarks {
  Point left_eye;
  Point right_eye;
  Point nose;
  Point left_mouth;
  Point right_mouth;
  std::array<Point, 5> points() const {
    return {left_eye, right_eye, nose, left_mouth, right_mouth};
  }
};

struct Face {
  Box box;              ///< in pixels of the upright picture; may reach beyond it
  Landmarks landmarks;  ///< same coordinates
  float score = 0;      ///< detector's confidence in [0, 1]
  /// Where a mean face, laid on many points of this one, has these five; not set: not known. Its
  /// place, size and angle depend little on single points, and not on where a turned head's nose
  /// is: some networks were trained on faces that were aligned so (AlignmentTemplate::mean_face).
  std::optional<Landmarks> mean_face = {};
};

/// Index of the face that a photo is about: large and close to the centre (area, discounted by the
/// distance from the centre). Requires at least one face.
std::size_t main_face(std::span<const Face> faces, int image_width, int image_height);

}  // namespace likeness
