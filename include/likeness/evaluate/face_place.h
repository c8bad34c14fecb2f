#pragma once

/// Pictures of a benchmark in which no face is found: profiles and faces cut off at the edge, most
/// often. A benchmark's pictures all show a face, and about in the same place, so it can be encoded
/// from there. What is encoded so is a guess, and is marked: its Face has the score 0. Safe to call
/// from many threads.
///
///     EncodedPictures encoded = encode_pictures(folder, pictures, steps, options, progress);
///     const FacePlace place = usual_place(folder, encoded);
///     encode_without_face(folder, encoded, steps_at(place, encoder), options, progress);

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/faces/encoder.h>

namespace likeness {

/// Where a face lies in a picture: the five landmarks (order as in Landmarks::points) as shares of
/// width and height.
using FacePlace = std::array<Point, 5>;

/// The median place of the faces that were found, over at most kMostPlaces pictures; the place of
/// the landmarks in an aligned picture (arcface_template) when none was found at all.
/// Throws Error as read_image does.
FacePlace usual_place(const std::filesystem::path& folder, const EncodedPictures& encoded);

inline constexpr std::size_t kMostPlaces = 200;

/// The face at `place` in a picture of width × height, with a score of 0.
Face face_at(const FacePlace& place, int width, int height);

/// Encodes the face at `place` in every picture. Keeps a reference: the encoder must outlive the
/// result.
PictureSteps steps_at(const FacePlace& place, const FaceEncoder& encoder);

/// Takes the pictures of `encoded` without a face through `steps`; those that cannot be decoded
/// stay without. Throws as encode_pictures does.
void encode_without_face(const std::filesystem::path& folder, EncodedPictures& encoded,
                         const PictureSteps& steps, const EncodeOptions& options,
                         Progress& progress);

/// Whether it was encoded so.
inline bool is_guessed(const EncodedPicture& picture) {
  return picture.face.score == 0;
}

}  // namespace likeness
