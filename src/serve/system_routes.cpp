#include "serve/system_routes.h"

#include <likeness/core/version.h>

#include "embedded/openapi_json.h"
#include "serve/key_routes.h"
#include "serve/model_list.h"
#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

Json gallery_json(const SystemRouteOptions& options) {
  const std::optional<GalleryInfo> info = options.gallery ? options.gallery() : std::nullopt;
  if (!info) return {};
  return {{"model", info->model.id},
          {"people", info->subjects},
          {"examples", info->examples},
          {"protection", info->protection},
          {"keep_crops", options.keep_crops}};
}

HttpResponse session(const HttpRequest& request, ApiKeys& keys, const SystemRouteOptions& options) {
  return json_response({{"name", request.caller.name},
                        {"role", to_string(request.caller.role)},
                        {"keys_exist", keys.any()},
                        {"gallery", gallery_json(options)},
                        {"model", options.model},
                        {"threshold", options.threshold},
                        {"limits",
                         {{"max_upload_bytes", options.max_upload_bytes},
                          {"max_pixels", options.max_pixels},
                          {"max_style_size", options.max_style_size}}},
                        {"version", kVersion}});
}

HttpResponse readiness(const std::function<bool()>& ready) {
  if (ready && !ready()) throw Problem(503, "unavailable", "the service is not ready yet", 1);
  return json_response({{"status", "ready"}});
}

HttpResponse description() {
  HttpResponse response;
  response.body = embedded::openapi_json();
  return response;
}

}  // namespace

void add_system_routes(Router& router, ApiKeys& keys, const ModelStore& store,
                       const SystemRouteOptions& options) {
  router.add({"GET", "/v1/session", Role::read, [&keys, options](const HttpRequest& request) {
                return session(request, keys, options);
              }});
  router.add({"GET", "/v1/models", Role::read, [&store, options](const HttpRequest&) {
                return json_response({{"models", model_list(store, options.models_in_use)}});
              }});
  add_key_routes(router, keys, options.last_used);
  router.add({.method = "GET",
              .pattern = "/health",
              .handler =
                  [](const HttpRequest&) {
                    return json_response({{"status", "ok"}, {"version", kVersion}});
                  },
              .open = true,
              .light = true});
  router.add({.method = "GET",
              .pattern = "/ready",
              .handler = [ready = options.ready](const HttpRequest&) { return readiness(ready); },
              .light = true});
  router.add(
      {"GET", "/openapi.json", Role::read, [](const HttpRequest&) { return description(); }});
}

}  // namespace likeness::serve
