#pragma once

/// /v1/style: previews, jobs, and their news as server-sent events (docs/openapi.json).

#include <chrono>
#include <cstddef>

#include "serve/router.h"
#include "serve/style_jobs.h"
#include "serve/style_preview.h"

namespace likeness::serve {

struct StyleRouteOptions {
  std::size_t streams = 32;  ///< of events that may be open; each holds a thread of the door
  /// A stream that has no news sends a comment so often, which shows whether the client is there.
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
};

/// `jobs` and `preview` must outlive the router and all streams.
void add_style_routes(Router& router, StyleJobs& jobs, StylePreview& preview,
                      const StyleRouteOptions& options = {});

}  // namespace likeness::serve
