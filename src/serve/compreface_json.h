#pragma once

/// Answers as CompreFace words them.

#include <optional>
#include <string>

#include "serve/compreface_request.h"
#include "serve/face_engine.h"

namespace likeness::serve {

/// To five decimals, as CompreFace rounds probabilities and similarities.
double rounded(double value);

/// A face: its box; embedding, landmarks and execution_time where they were asked for.
Json face_json(const PhotoAnswer& photo, std::size_t face, const FaceOptions& options);

/// The encoding of `face`, which must be one of those that were encoded.
const Encoding& encoding_of(const PhotoAnswer& photo, std::size_t face);
/// Its place among PhotoAnswer::encoded.
std::size_t encoded_place(const PhotoAnswer& photo, std::size_t face);

/// What found the faces and, where they were encoded, what with.
Json plugins_versions(const FaceEngine& engine, bool encoded);

}  // namespace likeness::serve
