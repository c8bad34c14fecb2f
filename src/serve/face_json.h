#pragma once

/// Faces as the service's own interface shows them (docs/openapi.json). Pure functions.

#include <likeness/faces/face.h>
#include <likeness/faces/quality.h>

#include "serve/face_engine.h"
#include "serve/json.h"

namespace likeness::serve {

/// The shortest decimal number that stands for this float and no other.
double shortest(float value);

/// {"left", "top", "width", "height"}, in hundredths of a pixel
Json to_json(const Box& box);
/// {"left_eye": [x, y], "right_eye", "nose", "left_mouth", "right_mouth"}
Json to_json(const Landmarks& landmarks);
/// {"box", "score", "landmarks"}
Json to_json(const Face& face);
/// {"score", "eye_distance", "sharpness", "yaw", "brightness", "remarks"}
Json to_json(const FaceQuality& quality);

/// [0.0123, …]
Json encoding_json(const Encoding& encoding);
/// A kept face (face_crop.h) as "data:image/jpeg;base64,…".
std::string crop_data_url(const Bytes& crop);

}  // namespace likeness::serve
