#pragma once

/// Figures of the service in the text format of Prometheus. Labels come from what the service
/// itself knows (patterns of routes, methods, codes), never from what a client sent, so that their
/// number is bounded and no name or key gets into them. Safe to use from many threads.
///
///     Metrics metrics({.waiting = [&] { return engine.waiting(); }});
///     const Metrics::Clock::time_point start = metrics.started();
///     metrics.finished(route, request.method, response.status, start);

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "serve/router.h"

namespace likeness::serve {

/// Asked when somebody wants the figures; those that are not set are not shown.
struct MetricSources {
  std::function<std::size_t()> waiting = {};  ///< requests that wait for the networks
  std::function<std::size_t()> working = {};  ///< and that are being worked on
  /// By their state: "queued", "running", "finished".
  std::function<std::map<std::string, std::size_t>()> style_jobs = {};
};

class Metrics {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Metrics(MetricSources sources);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// A request came in; `finished` must follow with the time that is returned.
  Clock::time_point started();
  /// `route`: null where none was found. Files of the page count together.
  void finished(const Route* route, const std::string& method, int status,
                Clock::time_point started, Clock::time_point now = Clock::now());
  /// A request was turned away before its handler ran, with this code of a Problem.
  void rejected(std::string_view code);

  /// All of it, in the text format 0.0.4.
  std::string text() const;

 private:
  struct Families;
  MetricSources sources_;
  double process_start_;
  std::unique_ptr<Families> families_;
};

/// GET /metrics. `metrics` must live as long as the router.
void add_metrics_route(Router& router, const Metrics& metrics);

}  // namespace likeness::serve
