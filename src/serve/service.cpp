#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/heap.h>
#include <likeness/faces/verifier.h>
#include <likeness/serve/service.h>

#include "serve/access_log.h"
#include "serve/compreface_routes.h"
#include "serve/face_engine.h"
#include "serve/face_routes.h"
#include "serve/guard.h"
#include "serve/http_door.h"
#include "serve/metrics.h"
#include "serve/page_routes.h"
#include "serve/people.h"
#include "serve/people_routes.h"
#include "serve/style_jobs.h"
#include "serve/style_preview.h"
#include "serve/style_routes.h"
#include "serve/system_routes.h"

namespace likeness::serve {
namespace {

/// One large picture leaves more in the heap than the next ones need.
constexpr std::chrono::seconds kReturnEvery{60};

DecodeLimits decode_limits(const ServiceOptions& options) {
  return {.max_bytes = options.max_upload, .max_pixels = options.max_pixels};
}

/// With room for the words around the pictures, and for base64, which takes a third more.
std::size_t request_bytes(const ServiceOptions& options) {
  return options.max_upload + options.max_upload / 3 + (std::size_t{64} << 10);
}

DoorOptions door_options(const ServiceOptions& options) {
  return {.host = options.host,
          .port = options.port,
          .tls_certificate = options.tls_certificate.string(),
          .tls_key = options.tls_key.string(),
          .upload = {.bytes = request_bytes(options), .time = options.timeout},
          .connections = options.connections,
          .cors_origins = options.cors_origins};
}

std::map<std::string, std::size_t> by_state(const StyleJobs::Counts& counts) {
  return {{"queued", counts.waiting}, {"running", counts.painting}, {"finished", counts.finished}};
}

void check_reach(const ServiceOptions& options, ApiKeys& keys) {
  if (!is_loopback(options.host) && !keys.any())
    throw Error(ErrorCode::invalid_argument,
                "--host " + options.host +
                    ": others could reach the service, and it has no keys; "
                    "make one first: likeness keys create --role admin");
}

}  // namespace

struct Service::Rooms {
  Rooms(ServiceOptions given, ServiceParts parts)
      : options(std::move(given)),
        store(std::move(parts.store)),
        calibration(parts.calibration),
        log(options.log),
        keys(options.keys),
        guard(keys, options.limits, options.cors_origins),
        engine(
            std::move(parts.detector), std::move(parts.encoder),
            {.workers = options.workers, .queue = options.queue, .limits = decode_limits(options)}),
        jobs({.folder = options.jobs,
              .max_size = options.max_style_size,
              .limits = decode_limits(options),
              .log = [this](const std::string& text) { log.note(text); }}),
        preview({.max_size = options.max_style_size, .limits = decode_limits(options)}),
        metrics({.waiting = [this] { return engine.waiting(); },
                 .working = [this] { return engine.working(); },
                 .style_jobs = [this] { return by_state(jobs.counts()); }}),
        door(router, hooks(), door_options(options)) {
    check_reach(options, keys);
    if (parts.gallery)
      people = std::make_unique<People>(
          std::move(parts.gallery), engine,
          PeopleOptions{.keep_crops = options.keep_crops, .calibration = calibration});
    add_routes();
  }

  DoorHooks hooks() {
    return {.admit = [this](const Route& route,
                            const HttpRequest& request) { return guard.admit(route, request); },
            .arrived = [this] { metrics.started(); },
            .served =
                [this](const Served& served) {
                  log.add(served);
                  count(served);
                }};
  }

  void count(const Served& served) {
    const auto now = Metrics::Clock::now();
    const auto took = std::chrono::duration_cast<Metrics::Clock::duration>(
        std::chrono::duration<double>(served.seconds));
    metrics.finished(served.route, served.request.method, served.status, now - took, now);
    if (served.refused) metrics.rejected(served.code);
  }

  std::vector<std::string> models_in_use() const {
    std::vector<std::string> ids = {engine.model(), "vgg_half", "painter"};
    for (const ModelEntry& entry : store.manifest().models)
      if (entry.task == "face detector" || entry.task == "face landmarks") ids.push_back(entry.id);
    return ids;
  }

  void add_routes() {
    add_face_routes(router, engine, {.calibration = calibration, .timeout = options.timeout});
    add_people_routes(router, people.get(), {.timeout = options.timeout});
    add_style_routes(router, jobs, preview);
    add_compreface_routes(router, people.get(), engine,
                          {.calibration = calibration, .timeout = options.timeout});
    add_metrics_route(router, metrics);
    add_system_routes(router, keys, store,
                      {.gallery = [this]() -> std::optional<GalleryInfo> {
                         if (!people) return {};
                         return people->info();
                       },
                       .keep_crops = options.keep_crops,
                       .model = engine.model(),
                       .threshold = calibration ? Verifier(calibration).threshold() : 0,
                       .models_in_use = models_in_use(),
                       .max_upload_bytes = options.max_upload,
                       .max_pixels = options.max_pixels,
                       .max_style_size = options.max_style_size,
                       .last_used = [this](const std::string& id) { return guard.last_used(id); }});
    add_page_routes(router);
  }

  ServiceOptions options;
  ModelStore store;
  std::optional<Calibration> calibration;
  AccessLog log;
  ApiKeys keys;
  Guard guard;
  FaceEngine engine;
  std::unique_ptr<People> people;
  StyleJobs jobs;
  StylePreview preview;
  Metrics metrics;
  Router router;
  HttpDoor door;
};

Service::Service(ServiceOptions options, ServiceParts parts)
    : rooms_(std::make_unique<Rooms>(std::move(options), std::move(parts))) {}

Service::~Service() = default;

std::string Service::open() {
  const ServiceOptions& options = rooms_->options;
  const int port = rooms_->door.bind();
  const bool in_brackets = options.host.find(':') != std::string::npos;
  return std::string(options.tls_certificate.empty() ? "http://" : "https://") +
         (in_brackets ? "[" + options.host + "]" : options.host) + ":" + std::to_string(port);
}

std::vector<std::string> Service::routes() const {
  std::vector<std::string> names;
  for (const Route& route : rooms_->router.routes())
    if (!route.page) names.push_back(route.method + " " + route.pattern);
  std::sort(names.begin(), names.end());
  return names;
}

void Service::run(const Cancellation& stop) {
  std::atomic<bool> ended = false;
  std::exception_ptr failure;
  std::thread serving([&] {
    try {
      rooms_->door.run();
    } catch (...) {
      failure = std::current_exception();
    }
    ended = true;
  });
  using Clock = std::chrono::steady_clock;
  Clock::time_point returned = Clock::now();
  while (!stop.requested() && !ended) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (Clock::now() - returned < kReturnEvery) continue;
    return_freed_memory();
    returned = Clock::now();
  }
  rooms_->jobs.stop();  // ends the streams, keeps the painting at hand
  rooms_->door.stop(rooms_->options.patience);
  serving.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace likeness::serve
