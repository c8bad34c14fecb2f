#include "serve/metrics.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <likeness/core/version.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "serve/process_use.h"

namespace likeness::serve {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// From an answer out of memory to a painting of minutes.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};

template <std::size_t count>
std::string one_of(const std::array<std::string_view, count>& known, std::string_view given) {
  const bool found = std::find(known.begin(), known.end(), given) != known.end();
  return std::string(found ? given : "other");
}

std::string method_label(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  return one_of(kMethods, method);
}

std::string route_label(const Route* route) {
  if (route == nullptr) return "none";
  return route->page ? "page" : route->pattern;
}

MetricFamily family(const std::string& name, const std::string& help, MetricType type) {
  return {.name = name, .help = help, .type = type, .metric = {}};
}

MetricFamily single(const std::string& name, const std::string& help, MetricType type,
                    double value) {
  MetricFamily made = family(name, help, type);
  ClientMetric& metric = made.metric.emplace_back();
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return made;
}

MetricFamily labelled(const std::string& name, const std::string& help, const std::string& label,
                      const std::map<std::string, std::size_t>& values) {
  MetricFamily made = family(name, help, MetricType::Gauge);
  for (const auto& [value, count] : values) {
    ClientMetric& metric = made.metric.emplace_back();
    metric.label.push_back({label, value});
    metric.gauge.value = static_cast<double>(count);
  }
  return made;
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("likeness_http_requests_total")
          .Help("Requests that were answered, by pattern of the route, method and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations =
      prometheus::BuildHistogram()
          .Name("likeness_http_request_duration_seconds")
          .Help("From the request's head to the end of its answer.")
          .Register(registry);
  prometheus::Gauge& in_flight = prometheus::BuildGauge()
                                     .Name("likeness_http_requests_in_flight")
                                     .Help("Requests that are being answered.")
                                     .Register(registry)
                                     .Add({});
  prometheus::Family<prometheus::Counter>& rejections =
      prometheus::BuildCounter()
          .Name("likeness_http_requests_rejected_total")
          .Help("Requests that were turned away before any work, by reason.")
          .Register(registry);
};

Metrics::Metrics(MetricSources sources)
    : sources_(std::move(sources)),
      process_start_(start_time_seconds()),
      families_(std::make_unique<Families>()) {}

Metrics::~Metrics() = default;

Metrics::Clock::time_point Metrics::started() {
  families_->in_flight.Increment();
  return Clock::now();
}

void Metrics::finished(const Route* route, const std::string& method, int status,
                       Clock::time_point started, Clock::time_point now) {
  families_->in_flight.Decrement();
  const std::string label = route_label(route);
  families_->requests
      .Add({{"route", label}, {"method", method_label(method)}, {"status", std::to_string(status)}})
      .Increment();
  families_->durations.Add({{"route", label}}, kSeconds)
      .Observe(std::chrono::duration<double>(now - started).count());
}

void Metrics::rejected(std::string_view code) {
  constexpr std::array<std::string_view, 9> kReasons = {
      "unauthorized", "forbidden", "rate_limited", "quota_exceeded", "too_large",
      "busy",         "timeout",   "stopping",     "unavailable"};
  families_->rejections.Add({{"reason", one_of(kReasons, code)}}).Increment();
}

std::string Metrics::text() const {
  std::vector<MetricFamily> all = families_->registry.Collect();
  if (sources_.waiting)
    all.push_back(single("likeness_queue_waiting", "Requests that wait for the networks.",
                         MetricType::Gauge, static_cast<double>(sources_.waiting())));
  if (sources_.working)
    all.push_back(single("likeness_queue_working", "Requests that the networks work on.",
                         MetricType::Gauge, static_cast<double>(sources_.working())));
  if (sources_.style_jobs)
    all.push_back(labelled("likeness_style_jobs", "Painting jobs that are kept, by state.", "state",
                           sources_.style_jobs()));
  all.push_back(single("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge,
                       static_cast<double>(resident_bytes())));
  all.push_back(single("process_cpu_seconds_total", "Processor time, user and system.",
                       MetricType::Counter, cpu_seconds()));
  all.push_back(single("process_start_time_seconds", "Start, in seconds since 1970.",
                       MetricType::Gauge, process_start_));
  all.push_back(labelled("likeness_build_info", "Always 1; the label says which version runs.",
                         "version", {{kVersion, 1}}));
  return prometheus::TextSerializer().Serialize(all);
}

void add_metrics_route(Router& router, const Metrics& metrics) {
  router.add({.method = "GET",
              .pattern = "/metrics",
              .role = Role::read,
              .handler =
                  [&metrics](const HttpRequest&) {
                    HttpResponse response;
                    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                    response.body = metrics.text();
                    return response;
                  },
              .light = true});
}

}  // namespace likeness::serve
