#include "serve/face_routes.h"

#include <memory>
#include <string>
#include <utility>

#include <likeness/core/text.h>
#include <likeness/faces/verifier.h>

#include "serve/face_json.h"
#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

class FaceRoutes {
 public:
  FaceRoutes(FaceEngine& engine, const FaceRouteOptions& options)
      : engine_(engine), options_(options) {
    if (options_.calibration) usual_.emplace(options_.calibration);
  }

  HttpResponse detect(const HttpRequest& request) const;
  HttpResponse verify(const HttpRequest& request) const;
  HttpResponse embed(const HttpRequest& request) const;

 private:
  FaceEngine::Clock::time_point deadline() const {
    return FaceEngine::Clock::now() + options_.timeout;
  }
  PhotoAnswer look(const PhotoRequest& photo) const {
    return std::move(engine_.look({photo}, deadline()).front());
  }
  Verifier verifier(const RequestFields& fields) const;

  FaceEngine& engine_;
  const FaceRouteOptions options_;
  std::optional<Verifier> usual_;  ///< with the calibration's own threshold
};

HttpResponse FaceRoutes::detect(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"photo", "min_score"});
  const UploadedFile photo = fields.file("photo");
  const PhotoAnswer answer =
      look({.bytes = photo.bytes(),
            .name = photo.name(),
            .min_score = static_cast<float>(fields.number("min_score", 0, 1).value_or(0)),
            .quality = true});
  Json faces = Json::array();
  for (std::size_t i = 0; i < answer.faces.size(); ++i) {
    Json face = to_json(answer.faces[i]);
    face["quality"] = to_json(answer.quality[i]);
    faces.push_back(std::move(face));
  }
  return json_response(
      {{"width", answer.width}, {"height", answer.height}, {"faces", std::move(faces)}});
}

/// Of the one face that was encoded.
Json compared_json(const PhotoAnswer& photo) {
  Json json = {{"width", photo.width},
               {"height", photo.height},
               {"faces", photo.faces.size()},
               {"face", to_json(photo.faces[photo.encoded.front()])}};
  if (!photo.crops.empty()) json["crop"] = crop_data_url(photo.crops.front());
  return json;
}

HttpResponse FaceRoutes::verify(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"a", "b", "threshold", "fmr", "crops"});
  const UploadedFile a = fields.file("a");
  const UploadedFile b = fields.file("b");
  const bool crops = fields.flag("crops").value_or(false);
  const Verifier verifier = this->verifier(fields);
  const auto wanted = [&](const UploadedFile& photo) {
    return PhotoRequest{
        .bytes = photo.bytes(), .name = photo.name(), .encode = WantedFaces::main, .crops = crops};
  };
  const auto photos = engine_.look({wanted(a), wanted(b)}, deadline());
  const Verification result =
      verifier.compare(photos[0].encodings.front(), photos[1].encodings.front());
  return json_response({{"model", engine_.model()},
                        {"same_person", result.same_person},
                        {"distance", shortest(result.distance)},
                        {"threshold", shortest(result.threshold)},
                        {"probability", or_null(result.probability)},
                        {"fmr", or_null(result.fmr)},
                        {"max_distance", 4},
                        {"a", compared_json(photos[0])},
                        {"b", compared_json(photos[1])}});
}

/// What can be refused of the thresholds is refused before any work.
Verifier FaceRoutes::verifier(const RequestFields& fields) const {
  VerifierOptions options;
  if (const auto threshold = fields.number("threshold", 0, 4))
    options.threshold = static_cast<float>(*threshold);
  options.fmr = fields.number("fmr", 0, 1);
  if (!options.threshold && !options.fmr && usual_) return *usual_;
  return Verifier(options_.calibration, options);
}

HttpResponse FaceRoutes::embed(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"photo", "faces"});
  const UploadedFile photo = fields.file("photo");
  const std::string which = fields.text("faces").value_or("all");
  if (which != "all" && which != "main")
    throw Problem(422, "invalid_argument",
                  "faces: " + in_quotes(which) + " is neither 'all' nor 'main'");
  const PhotoAnswer answer =
      look({.bytes = photo.bytes(),
            .name = photo.name(),
            .encode = which == "all" ? WantedFaces::all : WantedFaces::main});
  Json faces = Json::array();
  for (std::size_t i = 0; i < answer.encoded.size(); ++i) {
    Json face = to_json(answer.faces[answer.encoded[i]]);
    face.erase("landmarks");
    face["encoding"] = encoding_json(answer.encodings[i]);
    faces.push_back(std::move(face));
  }
  return json_response({{"model", engine_.model()},
                        {"dimensions", engine_.dimensions()},
                        {"width", answer.width},
                        {"height", answer.height},
                        {"faces", std::move(faces)}});
}

}  // namespace

void add_face_routes(Router& router, FaceEngine& engine, const FaceRouteOptions& options) {
  const auto routes = std::make_shared<const FaceRoutes>(engine, options);
  using Answer = HttpResponse (FaceRoutes::*)(const HttpRequest&) const;
  const auto add = [&](const char* path, Answer answer) {
    router.add({.method = "POST",
                .pattern = path,
                .role = Role::read,
                .handler = [routes, answer](const HttpRequest& request) {
                  return ((*routes).*answer)(request);
                }});
  };
  add("/v1/faces/detect", &FaceRoutes::detect);
  add("/v1/faces/verify", &FaceRoutes::verify);
  add("/v1/faces/embed", &FaceRoutes::embed);
}

}  // namespace likeness::serve
