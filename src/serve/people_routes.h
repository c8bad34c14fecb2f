#pragma once

/// /v1/people…: enrol, look up, rename, remove and identify people.

#include <chrono>
#include <cstddef>

#include "serve/people.h"
#include "serve/router.h"

namespace likeness::serve {

struct PeopleRouteOptions {
  std::chrono::milliseconds timeout{30'000};  ///< for the answer to a request
  std::size_t most_photos = 32;               ///< that one request may enrol
};

/// `people` must outlive the router. Without (null) each route answers "unavailable": the service
/// was started without a gallery.
void add_people_routes(Router& router, People* people, const PeopleRouteOptions& options = {});

}  // namespace likeness::serve
