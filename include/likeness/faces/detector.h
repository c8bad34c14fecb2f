#pragma once

/// Finds faces, their five landmarks and their mean face. Safe to call from many threads.
///
///     const FaceDetector detector(store, c10::kCPU);
///     for (const Face& face : detector.detect(photo)) …

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>
#include <likeness/model/manifest.h>
#include <likeness/model/store.h>

namespace likeness {

struct DetectorOptions {
  int min_face = 20;       ///< smallest face that is looked for: its box's shorter side, in pixels
  float min_score = 0.7F;  ///< faces below this confidence are dropped
  /// Landmarks from two networks, and Face::mean_face; false: those of MTCNN alone.
  bool refine_landmarks = true;
};

class FaceDetector {
 public:
  /// Loads the networks from `store` (pulled when missing). Throws as ModelStore::load does.
  FaceDetector(const ModelStore& store, c10::Device device, DetectorOptions options = {});
  ~FaceDetector();
  FaceDetector(FaceDetector&&) noexcept;
  FaceDetector& operator=(FaceDetector&&) noexcept;

  /// All faces from left to right; empty when there is none (or the picture is too small). Where
  /// nothing is found at first, the picture is searched once more with more candidates; `min_score`
  /// holds then too.
  std::vector<Face> detect(const Image& image) const;

  /// Face::mean_face of a face that was found earlier, with these landmarks in `image`.
  std::optional<Landmarks> mean_face(const Image& image, const Landmarks& landmarks) const;

 private:
  struct Networks;
  std::unique_ptr<const Networks> networks_;
  DetectorOptions options_;
};

/// Names the networks and the rules by which FaceDetector finds faces: what was computed from them
/// may be kept for as long as this stays the same.
std::string detector_id(const Manifest& manifest);

}  // namespace likeness
