/// /api/v1/recognition: who is on a photo, and is it whom this enrolled face
/// shows?

#include "serve/compreface_json.h"
#include "serve/compreface_request.h"
#include "serve/compreface_service.h"

namespace likeness::serve {
namespace {

HttpResponse recognize_photo(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const FaceOptions options = face_options(fields);
  const UploadedFile file = needed_picture(fields, "file");
  const IdentifiedPhoto found = service.gallery().identify(
      photo_request(file, options, WantedFaces::all), prediction_count(fields), kEverybody,
      request.caller, service.deadline());
  Json result = Json::array();
  for (const std::size_t face : chosen_faces(found.photo, options.limit)) {
    Json entry = face_json(found.photo, face, options);
    entry["subjects"] = similar_subjects(service, found.faces[encoded_place(found.photo, face)]);
    result.push_back(std::move(entry));
  }
  Json answer = {{"result", std::move(result)}};
  if (options.status) answer["plugins_versions"] = plugins_versions(service.engine, true);
  return json_response(answer);
}

HttpResponse verify_face(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const FaceOptions options = face_options(fields);
  const UploadedFile file = needed_picture(fields, "file");
  const StoredExample known = known_face(service, request);
  const auto seen =
      service.engine.look({photo_request(file, options, WantedFaces::all)}, service.deadline());
  const PhotoAnswer& photo = seen.front();
  Json result = Json::array();
  for (const std::size_t face : chosen_faces(photo, options.limit)) {
    Json entry = face_json(photo, face, options);
    entry["subject"] = known.example.subject;
    entry["similarity"] =
        service.similarity(squared_distance(known.encoding, encoding_of(photo, face)));
    result.push_back(std::move(entry));
  }
  Json answer = {{"result", std::move(result)}};
  if (options.status) answer["plugins_versions"] = plugins_versions(service.engine, true);
  return json_response(answer);
}

}  // namespace

void add_compreface_recognition(Router& router, const SharedCompreFace& service) {
  const auto add = [&](const std::string& path, auto handler) {
    router.add(compreface_route(
        "POST", "/recognition" + path, Role::read,
        [service, handler](const HttpRequest& request) { return handler(*service, request); }));
  };
  add("/recognize", recognize_photo);
  add("/faces/{image_id}/verify", verify_face);
}

}  // namespace likeness::serve
