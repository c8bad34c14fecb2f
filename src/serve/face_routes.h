#pragma once

/// /v1/faces/detect, /v1/faces/verify and /v1/faces/embed: photos in, what their faces say out.
/// Nothing of them is kept.

#include <chrono>
#include <optional>

#include <likeness/faces/calibration.h>

#include "serve/face_engine.h"
#include "serve/router.h"

namespace likeness::serve {

struct FaceRouteOptions {
  std::optional<Calibration> calibration = {};  ///< of the engine's model
  std::chrono::milliseconds timeout{30'000};    ///< for the answer to a request
};

/// `engine` must outlive the router.
void add_face_routes(Router& router, FaceEngine& engine, const FaceRouteOptions& options);

}  // namespace likeness::serve
