#pragma once

/// Refusals in the form that CompreFace's clients read: {"code": 28, "message": "…"}, with its
/// numbers and, where it has one for the case, its status.

#include <string>

#include "serve/problem.h"

namespace likeness::serve {

/// As Route::refusal takes it.
HttpResponse compreface_refusal(const Problem& problem);

/// What CompreFace refuses and Likeness has no word for; the texts are those its clients know.
Problem no_face_found();
Problem too_many_faces();
Problem missing_parameter(const std::string& name);
Problem missing_part(const std::string& name);
Problem wrong_embedding_count(std::size_t expected, std::size_t given);
Problem unknown_image(const std::string& image_id);

}  // namespace likeness::serve
