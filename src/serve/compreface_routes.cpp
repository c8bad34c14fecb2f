#include "serve/compreface_routes.h"

#include <likeness/core/error.h>

#include "serve/compreface_image_id.h"
#include "serve/compreface_json.h"
#include "serve/compreface_refusal.h"
#include "serve/compreface_service.h"
#include "serve/problem.h"

namespace likeness::serve {

People& CompreFace::gallery() const {
  if (people == nullptr)
    throw Problem(503, "unavailable",
                  "the service was started without a gallery; start it with --gallery");
  return *people;
}

FaceEngine::Clock::time_point CompreFace::deadline() const {
  return FaceEngine::Clock::now() + options.timeout;
}

double CompreFace::similarity(float distance) const {
  // Of vectors of length 1: distance = 2 − 2 cos.
  return rounded(options.calibration ? options.calibration->probability(distance)
                                     : 1 - static_cast<double>(distance) / 4);
}

Json similar_subjects(const CompreFace& service, const Identification& found) {
  Json subjects = Json::array();
  for (const Match& match : found.matches)
    subjects.push_back(
        {{"subject", match.subject}, {"similarity", service.similarity(match.distance)}});
  return subjects;
}

StoredExample known_face(const CompreFace& service, const HttpRequest& request) {
  const std::string& id = request.values.at("image_id");
  const std::int64_t example = example_of_image(id);
  try {
    return service.gallery().compared(example, request.caller);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    throw unknown_image(id);
  }
}

Route compreface_route(std::string method, const std::string& path, Role role, Handler handler) {
  return {.method = std::move(method),
          .pattern = "/api/v1" + path,
          .role = role,
          .handler = std::move(handler),
          .refusal = compreface_refusal};
}

void add_compreface_routes(Router& router, People* people, FaceEngine& engine,
                           const CompreFaceOptions& options) {
  const auto service = std::make_shared<const CompreFace>(CompreFace{people, engine, options});
  add_compreface_subjects(router, service);
  add_compreface_faces(router, service);
  add_compreface_recognition(router, service);
  add_compreface_verification(router, service);
  add_compreface_embeddings(router, service);
}

}  // namespace likeness::serve
