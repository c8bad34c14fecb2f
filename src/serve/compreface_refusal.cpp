#include "serve/compreface_refusal.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

/// CompreFace's number for one of our codes; `status` 0: ours.
struct Translation {
  std::string_view code;
  int number = 0;
  int status = 0;
};

constexpr std::array kTranslations = {
    Translation{"unauthorized", 20, 0},
    Translation{"unsupported_format", 21, 400},
    Translation{"corrupt_file", 21, 400},
    Translation{"invalid_argument", 26, 400},
    Translation{"no_face", 28, 400},
    Translation{"too_many_faces", 31, 400},
    Translation{"missing_parameter", 33, 400},
    Translation{"missing_part", 34, 400},
    Translation{"wrong_embedding_count", 37, 400},
    Translation{"internal", 41, 0},
    Translation{"not_found", 42, 404},
    Translation{"already_exists", 43, 400},
    Translation{"unknown_image", 44, 404},
};

}  // namespace

HttpResponse compreface_refusal(const Problem& problem) {
  const auto* known =
      std::find_if(kTranslations.begin(), kTranslations.end(),
                   [&](const Translation& each) { return each.code == problem.code(); });
  const Translation translation = known == kTranslations.end() ? Translation{} : *known;
  HttpResponse response =
      json_response({{"code", translation.number}, {"message", problem.what()}},
                    translation.status != 0 ? translation.status : problem.status());
  if (problem.retry_after())
    response.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after()));
  return response;
}

Problem no_face_found() {
  return {400, "no_face", "No face is found in the given image"};
}

Problem too_many_faces() {
  return {400, "too_many_faces", "More than one face in the source image"};
}

Problem missing_parameter(const std::string& name) {
  return {400, "missing_parameter", "Required parameter " + name + " is missing"};
}

Problem missing_part(const std::string& name) {
  return {400, "missing_part", "Required part " + name + " is missing"};
}

Problem wrong_embedding_count(std::size_t expected, std::size_t given) {
  return {400, "wrong_embedding_count",
          std::to_string(expected) + " embeddings were expected, but " + std::to_string(given) +
              " were provided"};
}

Problem unknown_image(const std::string& image_id) {
  return {404, "unknown_image", "Image " + image_id + " not found"};
}

}  // namespace likeness::serve
