#include "serve/style_routes.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

constexpr int kSmallestSize = 16;
constexpr int kMostIterations = 5000;
constexpr double kLongestBudget = 24 * 60 * 60;
constexpr double kLargestWeight = 1e6;
/// Larger styles than that have no larger strokes to show, and take memory.
constexpr double kSmallestScale = 0.1;
constexpr double kLargestScale = 4;

OriginalColours colours_of(const RequestFields& fields) {
  const auto given = fields.text("original_colors");
  return given ? original_colours_from_name(*given) : OriginalColours::no;
}

ImageFormat format_of(const RequestFields& fields) {
  const std::string name = fields.text("format").value_or("jpeg");
  if (name == "jpeg" || name == "jpg") return ImageFormat::jpeg;
  if (name == "png") return ImageFormat::png;
  throw Problem(422, "invalid_argument", "format: " + in_quotes(name) + " is neither jpeg nor png");
}

/// 0 where none was given.
int side_of(const RequestFields& fields, int most) {
  return static_cast<int>(fields.integer("size", kSmallestSize, most).value_or(0));
}

StyleJobOptions job_options_of(const RequestFields& fields, const StyleJobsOptions& limits) {
  StyleJobOptions options;
  if (const auto mode = fields.text("mode")) options.mode = style_mode_from_name(*mode);
  options.size = side_of(fields, limits.max_size);
  options.original_colours = colours_of(fields);
  options.format = format_of(fields);
  options.style_scale = fields.number("style_scale", kSmallestScale, kLargestScale).value_or(1);
  options.iterations = static_cast<int>(
      fields.integer("iterations", 1, kMostIterations).value_or(options.iterations));
  options.time_budget = fields.number("time_budget", 0, kLongestBudget).value_or(0);
  options.content_weight =
      fields.number("content_weight", 0, kLargestWeight).value_or(options.content_weight);
  options.style_weight =
      fields.number("style_weight", 0, kLargestWeight).value_or(options.style_weight);
  if (options.content_weight == 0 && options.style_weight == 0)
    throw Problem(422, "invalid_argument",
                  "content_weight, style_weight: one of them has to be above 0");
  options.alpha = fields.number("alpha", 0, 1).value_or(1);
  return options;
}

HttpResponse picture_response(StoredPicture picture) {
  return {.content_type = std::move(picture.content_type),
          .body = std::string(picture.bytes.begin(), picture.bytes.end())};
}

HttpResponse answer_preview(const HttpRequest& request, StylePreview& preview) {
  const RequestFields fields(request);
  fields.allow_only({"content", "style", "alpha", "size", "original_colors"});
  const UploadedFile content = fields.file("content");
  const UploadedFile style = fields.file("style");
  const StylePreviewed answer = preview.paint({.content = content.bytes(),
                                               .style = style.bytes(),
                                               .alpha = fields.number("alpha", 0, 1).value_or(1),
                                               .size = side_of(fields, preview.options().max_size),
                                               .original_colours = colours_of(fields)});
  HttpResponse response = picture_response({answer.jpeg, "image/jpeg"});
  response.headers.emplace_back("x-likeness-seconds", std::to_string(answer.seconds));
  return response;
}

HttpResponse create_job(const HttpRequest& request, StyleJobs& jobs) {
  const RequestFields fields(request);
  fields.allow_only({"content", "style", "mode", "size", "iterations", "time_budget",
                     "content_weight", "style_weight", "style_scale", "alpha", "original_colors",
                     "format"});
  StyleOrder order{.options = job_options_of(fields, jobs.options())};
  const UploadedFile content = fields.file("content");
  const std::vector<UploadedFile> styles =
      fields.files("style", static_cast<std::size_t>(jobs.options().max_styles));
  if (styles.empty())
    throw Problem(422, "invalid_argument",
                  "style: no picture was sent under this name; send one or more files");
  order.content = content.bytes();
  for (const UploadedFile& style : styles) order.styles.push_back(style.bytes());
  const StyleJob job = jobs.create(order, request.caller);
  HttpResponse response = json_response(job_json(job), 202);
  response.headers.emplace_back("Location", "/v1/style/jobs/" + job.id);
  return response;
}

HttpResponse list_jobs(const HttpRequest& request, const StyleJobs& jobs) {
  Json list = Json::array();
  for (const StyleJob& job : jobs.list(request.caller)) list.push_back(job_json(job));
  return json_response({{"jobs", std::move(list)}});
}

HttpResponse remove_job(const HttpRequest& request, StyleJobs& jobs) {
  const auto job = jobs.remove(request.values.at("id"), request.caller);
  return json_response(job ? job_json(*job) : Json{{"removed", 1}});
}

std::string event_text(const char* name, const Json& data) {
  return std::string("event: ") + name +
         "\ndata: " + data.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
}

std::string preview_event(const StyleJob& job) {
  return event_text("preview", {{"id", job.id},
                                {"iteration", job.preview},
                                {"url", "/v1/style/jobs/" + job.id +
                                            "/preview?n=" + std::to_string(job.preview)}});
}

/// Tells a job's news until it is finished, removed, the client has gone or the service stops.
void tell_events(const StyleJobs& jobs, const std::string& id, const Caller& caller,
                 std::chrono::milliseconds heartbeat, const SendPiece& send) {
  std::uint64_t seen = 0;
  std::int64_t preview = 0;
  while (true) {
    const StyleJob job = jobs.wait_for_change(id, seen, heartbeat, caller);
    if (job.finished()) {
      send(event_text("done", job_json(job)));
      return;
    }
    if (job.changes == seen) {
      if (jobs.stopping() || !send(": no news\n\n")) return;
      continue;
    }
    seen = job.changes;
    if (!send(event_text("progress", job_json(job)))) return;
    if (job.preview == preview) continue;
    preview = job.preview;
    if (!send(preview_event(job))) return;
  }
}

/// Places for open streams; a stream holds its place as long as its response lives.
class StreamPlaces {
 public:
  explicit StreamPlaces(std::size_t most) : most_(most) {}
  std::shared_ptr<void> take() {
    if (taken_->fetch_add(1) < most_)
      return {nullptr, [taken = taken_](void*) { taken->fetch_sub(1); }};
    taken_->fetch_sub(1);
    throw Problem(503, "busy", "many streams of events are open; ask for the job itself in a while",
                  5);
  }

 private:
  std::size_t most_;
  std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
};

HttpResponse follow_job(const HttpRequest& request, const StyleJobs& jobs, StreamPlaces& places,
                        std::chrono::milliseconds heartbeat) {
  const std::string id = jobs.find(request.values.at("id"), request.caller).id;
  HttpResponse response{.content_type = "text/event-stream"};
  response.headers.emplace_back("x-accel-buffering", "no");  // proxies of nginx pass it on at once
  response.stream = [&jobs, id, caller = request.caller, place = places.take(),
                     heartbeat](const SendPiece& send) {
    try {
      tell_events(jobs, id, caller, heartbeat, send);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;  // removed meanwhile: the stream ends
    }
  };
  return response;
}

}  // namespace

void add_style_routes(Router& router, StyleJobs& jobs, StylePreview& preview,
                      const StyleRouteOptions& options) {
  using Request = const HttpRequest&;
  const std::string all = "/v1/style/jobs";
  const std::string one = all + "/{id}";
  router.add({.method = "POST",
              .pattern = "/v1/style/preview",
              .handler = [&preview](Request request) { return answer_preview(request, preview); }});
  router.add({.method = "POST", .pattern = all, .handler = [&jobs](Request request) {
                return create_job(request, jobs);
              }});
  router.add({.method = "DELETE", .pattern = one, .handler = [&jobs](Request request) {
                return remove_job(request, jobs);
              }});
  const auto look = [&router](const std::string& pattern, Handler handler) {
    router.add({.method = "GET", .pattern = pattern, .handler = std::move(handler), .light = true});
  };
  look(all, [&jobs](Request request) { return list_jobs(request, jobs); });
  look(one, [&jobs](Request request) {
    return json_response(job_json(jobs.find(request.values.at("id"), request.caller)));
  });
  look(one + "/events", [&jobs, places = std::make_shared<StreamPlaces>(options.streams),
                         heartbeat = options.heartbeat](Request request) {
    return follow_job(request, jobs, *places, heartbeat);
  });
  look(one + "/preview", [&jobs](Request request) {
    return picture_response(jobs.preview(request.values.at("id"), request.caller));
  });
  look(one + "/result", [&jobs](Request request) {
    return picture_response(jobs.result(request.values.at("id"), request.caller));
  });
  look(one + "/content", [&jobs](Request request) {
    return picture_response(jobs.content(request.values.at("id"), request.caller));
  });
}

}  // namespace likeness::serve
