#pragma once

/// How good a photo of a face is for enrolment: large, sharp, frontal, evenly lit. A pure function,
/// safe to call from many threads.
///
///     const FaceQuality quality = assess_quality(photo, face);
///     for (const std::string& remark : remarks(quality)) warn(remark);

#include <string>
#include <vector>

#include <likeness/faces/face.h>
#include <likeness/image/image.h>

namespace likeness {

struct FaceQuality {
  float eye_distance = 0;  ///< pixels between the eyes; below 24 the encoding suffers
  /// Mean absolute Laplacian of the aligned face's brightness over its contrast (Pech-Pacheco 2000
  /// takes the variance): below 0.05 it is blurred.
  float sharpness = 0;
  float yaw = 0;         ///< |turn to the side|: 0 frontal, 1 profile, from the landmarks
  float brightness = 0;  ///< mean of the aligned face, in [0, 1]
  float score = 0;       ///< all of it as one number in [0, 1]; 1: nothing to improve
};

FaceQuality assess_quality(const Image& photo, const Face& face);

/// What a person could do better, one line each; empty for a good photo.
std::vector<std::string> remarks(const FaceQuality& quality);

}  // namespace likeness
