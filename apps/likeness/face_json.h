#pragma once

/// Faces, boxes and failures as the program prints them in JSON.

#include <string>

#include <likeness/faces/face.h>
#include <nlohmann/json.hpp>

#include "inputs.h"

namespace likeness::cli {

using Json = nlohmann::ordered_json;

/// {"x", "y", "width", "height"}
Json to_json(const Box& box);
/// {"left_eye": [x, y], "right_eye", "nose", "left_mouth", "right_mouth"}
Json to_json(const Landmarks& landmarks);
/// {"box", "landmarks", "score"}
Json to_json(const Face& face);
/// {"path", "error": {"code", "message"}}
Json to_json(const Failure& failure);

/// "x 120, y 80, 64 x 80 pixels"
std::string describe(const Box& box);

}  // namespace likeness::cli
