#pragma once

/// Pictures that show what was found: the faces of a photo, and why two photos were judged to be of
/// one person or not. Safe to call from many threads.
///
///     const Image why = explain_verification({"anna1.jpg", a, faces_a, 0, crop_a},
///                                            {"anna2.jpg", b, faces_b, 0, crop_b}, result, "duo");
///     write_image("why.png", why);

#include <cstddef>
#include <span>
#include <string>

#include <likeness/faces/face.h>
#include <likeness/faces/verifier.h>
#include <likeness/image/image.h>

namespace likeness {

/// One of the two photos. Views: what they look at must outlive the call.
struct ExplainedPhoto {
  std::string title;  ///< caption, for example the file name
  const Image& image;
  std::span<const Face> faces;  ///< all that were found
  std::size_t chosen = 0;       ///< index of the face that was compared
  const Image& crop;            ///< that face, aligned, as a network sees it
};

/// Both photos side by side with all faces (the compared one highlighted, with its landmarks);
/// below them the two aligned crops, and between these a scale of squared distances (of
/// probabilities, when a pair classifier decided) with the threshold and what was measured; above
/// all the verdict. RGB, 1200 pixels wide. `model` is
/// named beside the numbers. Requires pictures that are not empty and chosen < faces.size().
Image explain_verification(const ExplainedPhoto& a, const ExplainedPhoto& b,
                           const Verification& result, const std::string& model);

/// A copy of `image` (RGB) with the box, the landmarks and the index of each face drawn on it.
Image draw_faces(const Image& image, std::span<const Face> faces);

}  // namespace likeness
