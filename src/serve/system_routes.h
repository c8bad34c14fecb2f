#pragma once

/// What is asked of the service about itself: who am I, which networks are there, which keys; is it
/// alive, is it ready, what does it understand. docs/openapi.json describes the answers.
///
///     add_system_routes(router, keys, store, {.gallery = [&] { return people.info(); }, …});

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <likeness/gallery/gallery.h>
#include <likeness/model/store.h>
#include <likeness/serve/api_keys.h>

#include "serve/router.h"

namespace likeness::serve {

struct SystemRouteOptions {
  /// Nothing, or not set: the service runs without a gallery.
  std::function<std::optional<GalleryInfo>()> gallery = {};
  bool keep_crops = false;  ///< of those who are enrolled
  std::string model = {};   ///< the face encoder's id
  double threshold = 0;     ///< of verify, unless a request names another
  /// Ids of the networks that the service has loaded; the parts of a combination count with it.
  std::vector<std::string> models_in_use = {};
  std::size_t max_upload_bytes = 0;
  std::int64_t max_pixels = 0;
  int max_style_size = 0;
  /// Whether requests are taken; not set: always. May throw Problem to say why not.
  std::function<bool()> ready = {};
  /// When a key, by its id, was last used since the service started, as utc_now() writes it.
  std::function<std::optional<std::string>(const std::string&)> last_used = {};
};

/// `keys` and `store` must live as long as the router.
void add_system_routes(Router& router, ApiKeys& keys, const ModelStore& store,
                       const SystemRouteOptions& options);

}  // namespace likeness::serve
