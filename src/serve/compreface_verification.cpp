/// /api/v1/detection and /api/v1/verification: faces of photos, without a gallery.

#include "serve/compreface_json.h"
#include "serve/compreface_refusal.h"
#include "serve/compreface_request.h"
#include "serve/compreface_service.h"

namespace likeness::serve {
namespace {

HttpResponse detect(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const FaceOptions options = face_options(fields);
  const UploadedFile file = needed_picture(fields, "file");
  const auto encode = options.embedding ? WantedFaces::all : WantedFaces::none;
  const auto seen = service.engine.look({photo_request(file, options, encode)}, service.deadline());
  const PhotoAnswer& photo = seen.front();
  Json result = Json::array();
  for (const std::size_t face : chosen_faces(photo, options.limit))
    result.push_back(face_json(photo, face, options));
  Json answer = {{"result", std::move(result)}};
  if (options.status)
    answer["plugins_versions"] = plugins_versions(service.engine, options.embedding);
  return json_response(answer);
}

/// The one face that the source shows.
std::size_t source_face(const PhotoAnswer& source, std::size_t limit) {
  const std::vector<std::size_t> faces = chosen_faces(source, limit);
  if (faces.size() > 1) throw too_many_faces();
  return faces.front();
}

HttpResponse verify_photos(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const FaceOptions options = face_options(fields);
  const UploadedFile source_file = needed_picture(fields, "source_image");
  const UploadedFile target_file = needed_picture(fields, "target_image");
  const auto seen = service.engine.look({photo_request(source_file, options, WantedFaces::all),
                                         photo_request(target_file, options, WantedFaces::all)},
                                        service.deadline());
  const PhotoAnswer& source = seen[0];
  const PhotoAnswer& target = seen[1];
  const std::size_t face = source_face(source, options.limit);
  Json matches = Json::array();
  for (const std::size_t other : chosen_faces(target, options.limit)) {
    Json match = face_json(target, other, options);
    match["similarity"] =
        service.similarity(squared_distance(encoding_of(source, face), encoding_of(target, other)));
    matches.push_back(std::move(match));
  }
  Json answer = {{"source_image_face", face_json(source, face, options)},
                 {"face_matches", std::move(matches)}};
  if (options.status) answer["plugins_versions"] = plugins_versions(service.engine, true);
  return json_response({{"result", Json::array({std::move(answer)})}});
}

}  // namespace

void add_compreface_verification(Router& router, const SharedCompreFace& service) {
  const auto add = [&](const std::string& path, auto handler) {
    router.add(compreface_route(
        "POST", path, Role::read,
        [service, handler](const HttpRequest& request) { return handler(*service, request); }));
  };
  add("/detection/detect", detect);
  add("/verification/verify", verify_photos);
}

}  // namespace likeness::serve
