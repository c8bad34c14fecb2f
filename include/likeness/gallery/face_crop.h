#pragma once

/// A face as a gallery keeps it, to be encoded again by another model: the part of the photo around
/// it with its landmarks, at the photo's own resolution (at most kLargestCrop pixels a side), since
/// each model aligns in its own way. Pure functions, safe to call from many threads.

#include <cstdint>
#include <span>

#include <likeness/core/files.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>

namespace likeness {

inline constexpr int kLargestCrop = 512;

struct FaceCrop {
  Image picture;
  Landmarks landmarks;  ///< in pixels of `picture`
};

/// What lies within one and a half of the box's longer side around its centre.
FaceCrop cut_face(const Image& photo, const Face& face);

/// As one piece of bytes: ten float32 (the landmarks), then a PNG.
Bytes to_bytes(const FaceCrop& crop);
/// Throws Error(corrupt_file).
FaceCrop face_crop_from_bytes(std::span<const std::uint8_t> bytes);

}  // namespace likeness
