#pragma once

/// Faces, boxes and failures as the program prints them in JSON.

#include <string>

#include <likeness/faces/face.h>

#include "inputs.h"
#include "json.h"

namespace likeness::cli {

/// {"x", "y", "width", "height"}
Json json_of(const Box& box);
/// {"left_eye": [x, y], "right_eye", "nose", "left_mouth", "right_mouth"}
Json json_of(const Landmarks& landmarks);
/// {"box", "landmarks", "score"}
Json json_of(const Face& face);
/// {"path", "error": {"code", "message"}}
Json json_of(const Failure& failure);

/// "x 120, y 80, 64 x 80 pixels"
std::string describe(const Box& box);

}  // namespace likeness::cli
