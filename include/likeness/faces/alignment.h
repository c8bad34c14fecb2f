#pragma once

/// Alignment: a face is cut out so that its five landmarks come as close as possible to where the
/// network saw them in training. Safe to call from many threads.

#include <array>

#include <likeness/faces/face.h>
#include <likeness/image/image.h>

namespace likeness {

/// Size of a crop in pixels and where its landmarks belong (order as in Landmarks::points).
struct AlignmentTemplate {
  int size = 0;
  std::array<Point, 5> points;
  bool mean_face = false;  ///< faces are to lie as their Face::mean_face does, where it is known
};

/// 112 × 112, the five points of ArcFace (Deng et al. 2019).
const AlignmentTemplate& arcface_template();

/// 150 × 150, dlib's face chip: its mean face shape with a padding of 0.25 on each side.
const AlignmentTemplate& dlib_template();

/// `base` drawn for crops of size × size: the same view, other resolution. Requires size > 0.
AlignmentTemplate scaled_template(const AlignmentTemplate& base, int size);

/// What of `face` is to lie on the template's points.
const Landmarks& landmarks_for(const Face& face, const AlignmentTemplate& target);

/// `image` seen through the similarity transform that maps the landmarks onto the template with
/// the least squared error; what lies outside of the picture is black.
Image align_face(const Image& image, const Landmarks& landmarks, const AlignmentTemplate& target);

}  // namespace likeness
