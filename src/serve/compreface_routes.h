#pragma once

/// The interface of CompreFace 1.2 (its documentation, "Rest API description") under /api/v1, so
/// that programs written for CompreFace work here unchanged. What differs is in docs/compreface.md.
/// Its words: subject for a person, face or image for an example, embedding for an encoding,
/// similarity for what is the calibrated probability here.
///
///     add_compreface_routes(router, &people, engine, {.calibration = calibration});

#include <chrono>
#include <optional>

#include <likeness/faces/calibration.h>

#include "serve/face_engine.h"
#include "serve/people.h"
#include "serve/router.h"

namespace likeness::serve {

struct CompreFaceOptions {
  /// Of the engine's encoder. Without it `similarity` is (1 + cos) / 2 of the encodings' angle.
  std::optional<Calibration> calibration = {};
  std::chrono::milliseconds timeout = std::chrono::seconds(30);  ///< for one request
};

/// `people` may be null: without a gallery all of /api/v1/recognition is refused as unavailable.
/// `people` and `engine` must live as long as the router.
void add_compreface_routes(Router& router, People* people, FaceEngine& engine,
                           const CompreFaceOptions& options);

}  // namespace likeness::serve
