/// /api/v1/…/embeddings: recognition and verification of faces that a client has encoded before, by
/// face_plugins=calculator.

#include <algorithm>
#include <cmath>

#include "serve/compreface_refusal.h"
#include "serve/compreface_request.h"
#include "serve/compreface_service.h"

namespace likeness::serve {
namespace {

constexpr std::size_t kMostEmbeddings = 1000;

[[noreturn]] void refuse_embedding(const std::string& detail) {
  throw Problem(400, "invalid_argument", detail);
}

/// Scaled to length 1.
Encoding embedding_from(const Json& json, int dimensions) {
  if (!json.is_array() || json.size() != static_cast<std::size_t>(dimensions))
    refuse_embedding(
        "an embedding is a list of " + std::to_string(dimensions) +
        " numbers here, as face_plugins=calculator gives it; those of other models mean nothing "
        "to this one");
  double squares = 0;
  for (const Json& number : json) {
    if (!number.is_number()) refuse_embedding("an embedding holds something that is no number");
    squares += number.get<double>() * number.get<double>();
  }
  if (!std::isfinite(squares) || squares < 1e-12)
    refuse_embedding("an embedding has no direction: its length is 0 or infinite");
  Encoding encoding;
  encoding.reserve(json.size());
  const double length = std::sqrt(squares);
  for (const Json& number : json)
    encoding.push_back(static_cast<float>(number.get<double>() / length));
  return encoding;
}

std::vector<Encoding> embeddings_from(const Json& json, const std::string& name, int dimensions) {
  if (!json.is_object() || !json.contains(name)) throw missing_parameter(name);
  const Json& list = json[name];
  if (!list.is_array()) refuse_embedding(name + ": expected a list of embeddings");
  if (list.size() > kMostEmbeddings)
    refuse_embedding(name + ": " + std::to_string(list.size()) + " embeddings; at most " +
                     std::to_string(kMostEmbeddings) + " at once");
  std::vector<Encoding> embeddings;
  embeddings.reserve(list.size());
  for (const Json& each : list) embeddings.push_back(embedding_from(each, dimensions));
  return embeddings;
}

/// Each of `given`, as the client wrote it, with its similarity to `source`; the most similar
/// first.
Json compared(const CompreFace& service, const Encoding& source,
              const std::vector<Encoding>& embeddings, const Json& given) {
  std::vector<Json> entries;
  for (std::size_t i = 0; i < embeddings.size(); ++i)
    entries.push_back(
        {{"embedding", given[i]},
         {"similarity", service.similarity(squared_distance(source, embeddings[i]))}});
  std::stable_sort(entries.begin(), entries.end(), [](const Json& a, const Json& b) {
    return a["similarity"].get<double>() > b["similarity"].get<double>();
  });
  return entries;
}

HttpResponse recognize_embeddings(const CompreFace& service, const HttpRequest& request) {
  const std::size_t count = prediction_count(RequestFields(request));
  People& people = service.gallery();
  const Json body = json_body(request);
  const auto embeddings = embeddings_from(body, "embeddings", service.engine.dimensions());
  if (embeddings.empty()) throw wrong_embedding_count(1, 0);
  const auto found = people.identify(embeddings, count, kEverybody, request.caller);
  Json result = Json::array();
  for (std::size_t i = 0; i < embeddings.size(); ++i)
    result.push_back({{"embedding", body["embeddings"][i]},
                      {"similarities", similar_subjects(service, found[i])}});
  return json_response({{"result", std::move(result)}});
}

HttpResponse verify_known(const CompreFace& service, const HttpRequest& request) {
  const Json body = json_body(request);
  const auto embeddings = embeddings_from(body, "embeddings", service.engine.dimensions());
  if (embeddings.empty()) throw wrong_embedding_count(1, 0);
  const StoredExample known = known_face(service, request);
  return json_response(
      {{"result", compared(service, known.encoding, embeddings, body["embeddings"])}});
}

HttpResponse verify_embeddings(const CompreFace& service, const HttpRequest& request) {
  const Json body = json_body(request);
  const int dimensions = service.engine.dimensions();
  const auto targets = embeddings_from(body, "targets", dimensions);
  if (targets.empty()) throw wrong_embedding_count(2, 1);
  if (!body.contains("source")) throw missing_parameter("source");
  const Encoding source = embedding_from(body["source"], dimensions);
  return json_response({{"result", compared(service, source, targets, body["targets"])}});
}

}  // namespace

void add_compreface_embeddings(Router& router, const SharedCompreFace& service) {
  const auto add = [&](const std::string& path, auto handler) {
    router.add(compreface_route(
        "POST", path, Role::read,
        [service, handler](const HttpRequest& request) { return handler(*service, request); }));
  };
  add("/recognition/embeddings/recognize", recognize_embeddings);
  add("/recognition/embeddings/faces/{image_id}/verify", verify_known);
  add("/verification/embeddings/verify", verify_embeddings);
}

}  // namespace likeness::serve
