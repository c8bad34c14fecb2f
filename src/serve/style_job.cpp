#include "serve/style_job.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <span>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <sodium.h>

namespace likeness::serve {
namespace {

constexpr std::size_t kIdBytes = 16;

/// UTC, as 2026-01-31T23:59:59Z.
std::string time_text(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text = {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Json time_or_null(const std::optional<std::int64_t>& milliseconds) {
  return milliseconds ? Json(time_text(*milliseconds)) : Json(nullptr);
}

Json error_json(const std::optional<StyleJobError>& error) {
  if (!error) return nullptr;
  return {{"code", error->code}, {"detail", error->detail}};
}

const char* format_name(ImageFormat format) {
  return format == ImageFormat::png ? "png" : "jpeg";
}

/// Only what the job's mode looks at.
Json options_json(const StyleJobOptions& options) {
  Json json = {{"size", options.size},
               {"original_colors", to_string(options.original_colours)},
               {"style_scale", options.style_scale},
               {"format", format_name(options.format)}};
  if (options.mode == StyleMode::fast) {
    json["alpha"] = options.alpha;
    return json;
  }
  json["iterations"] = options.iterations;
  json["time_budget"] = options.time_budget;
  json["content_weight"] = options.content_weight;
  json["style_weight"] = options.style_weight;
  return json;
}

StyleJobOptions options_from(const Json& json, StyleMode mode) {
  StyleJobOptions options{.mode = mode};
  options.size = json.at("size").get<int>();
  options.original_colours =
      original_colours_from_name(json.at("original_colors").get<std::string>());
  options.style_scale = json.at("style_scale").get<double>();
  options.format = json.at("format") == "png" ? ImageFormat::png : ImageFormat::jpeg;
  if (mode == StyleMode::fast) {
    options.alpha = json.at("alpha").get<double>();
    return options;
  }
  options.iterations = json.at("iterations").get<int>();
  options.time_budget = json.at("time_budget").get<double>();
  options.content_weight = json.at("content_weight").get<double>();
  options.style_weight = json.at("style_weight").get<double>();
  return options;
}

template <class Value>
std::optional<Value> optional_of(const Json& json, const char* name) {
  if (json.at(name).is_null()) return {};
  return json.at(name).get<Value>();
}

StyleJob job_from(const Json& json) {
  StyleJob job;
  job.id = json.at("id").get<std::string>();
  job.owner = json.at("owner").get<std::string>();
  job.state = style_job_state_from_name(json.at("state").get<std::string>());
  job.options =
      options_from(json.at("options"), style_mode_from_name(json.at("mode").get<std::string>()));
  job.styles = json.at("styles").get<std::int64_t>();
  job.created_at = json.at("created_at").get<std::int64_t>();
  job.started_at = optional_of<std::int64_t>(json, "started_at");
  job.finished_at = optional_of<std::int64_t>(json, "finished_at");
  job.attempts = json.at("attempts").get<int>();
  job.progress = json.at("progress").get<double>();
  job.iteration = json.at("iteration").get<std::int64_t>();
  job.iterations = json.at("iterations").get<std::int64_t>();
  job.width = json.at("width").get<int>();
  job.height = json.at("height").get<int>();
  job.seconds = json.at("seconds").get<double>();
  job.preview = json.at("preview").get<std::int64_t>();
  job.has_result = json.at("has_result").get<bool>();
  if (const Json& costs = json.at("costs"); !costs.is_null())
    job.costs = Costs{.content = costs.at("content").get<double>(),
                      .style = costs.at("style").get<double>(),
                      .total = costs.at("total").get<double>()};
  if (const Json& error = json.at("error"); !error.is_null())
    job.error =
        StyleJobError{error.at("code").get<std::string>(), error.at("detail").get<std::string>()};
  return job;
}

/// What the rest of the service takes for granted.
bool is_sound(const StyleJob& job) {
  return is_job_id(job.id) && job.styles >= 1 && job.styles <= 100 && job.options.size >= 1 &&
         job.width >= 1 && job.height >= 1 && job.options.iterations >= 1 &&
         (!job.finished() || job.finished_at.has_value());
}

}  // namespace

std::string_view to_string(StyleMode mode) {
  return mode == StyleMode::fast ? "fast" : "optimise";
}

std::string_view to_string(StyleJobState state) {
  constexpr std::array<std::string_view, 5> kNames = {"queued", "running", "done", "failed",
                                                      "cancelled"};
  return kNames.at(static_cast<std::size_t>(state));
}

StyleMode style_mode_from_name(std::string_view name) {
  for (const StyleMode mode : {StyleMode::optimise, StyleMode::fast})
    if (to_string(mode) == name) return mode;
  throw Error(ErrorCode::invalid_argument,
              "mode: " + in_quotes(name) + " is neither optimise nor fast");
}

StyleJobState style_job_state_from_name(std::string_view name) {
  for (const StyleJobState state :
       {StyleJobState::queued, StyleJobState::running, StyleJobState::done, StyleJobState::failed,
        StyleJobState::cancelled})
    if (to_string(state) == name) return state;
  throw Error(ErrorCode::invalid_argument,
              in_quotes(name) +
                  " is no state of a job: queued, running, done, failed or "
                  "cancelled");
}

Json job_json(const StyleJob& job) {
  const auto cost = [&job](double Costs::*which) {
    return job.costs ? Json((*job.costs).*which) : Json(nullptr);
  };
  return {{"id", job.id},
          {"state", to_string(job.state)},
          {"mode", to_string(job.options.mode)},
          {"created_at", time_text(job.created_at)},
          {"started_at", time_or_null(job.started_at)},
          {"finished_at", time_or_null(job.finished_at)},
          {"progress", job.progress},
          {"iteration", job.iteration},
          {"iterations", job.iterations},
          {"width", job.width},
          {"height", job.height},
          {"total_loss", cost(&Costs::total)},
          {"content_loss", cost(&Costs::content)},
          {"style_loss", cost(&Costs::style)},
          {"seconds", job.seconds},
          {"has_preview", job.preview > 0},
          {"has_result", job.has_result},
          {"error", error_json(job.error)},
          {"options", options_json(job.options)}};
}

std::string job_record(const StyleJob& job) {
  Json costs;
  if (job.costs)
    costs = {
        {"content", job.costs->content}, {"style", job.costs->style}, {"total", job.costs->total}};
  const Json json = {{"id", job.id},
                     {"owner", job.owner},
                     {"state", to_string(job.state)},
                     {"mode", to_string(job.options.mode)},
                     {"options", options_json(job.options)},
                     {"styles", job.styles},
                     {"created_at", job.created_at},
                     {"started_at", or_null(job.started_at)},
                     {"finished_at", or_null(job.finished_at)},
                     {"attempts", job.attempts},
                     {"progress", job.progress},
                     {"iteration", job.iteration},
                     {"iterations", job.iterations},
                     {"width", job.width},
                     {"height", job.height},
                     {"costs", costs},
                     {"seconds", job.seconds},
                     {"preview", job.preview},
                     {"has_result", job.has_result},
                     {"error", error_json(job.error)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

StyleJob job_from_record(std::string_view text, const std::string& name) {
  try {
    StyleJob job = job_from(Json::parse(text));
    if (is_sound(job)) return job;
  } catch (const Json::exception&) {
    throw Error(ErrorCode::corrupt_file, name + ": not the record of a painting");
  } catch (const Error& error) {
    throw Error(ErrorCode::corrupt_file, name + ": " + error.what());
  }
  throw Error(ErrorCode::corrupt_file, name + ": values that no painting has");
}

std::string new_job_id() {
  if (sodium_init() < 0) throw Error(ErrorCode::unavailable, "libsodium cannot be set up");
  std::array<unsigned char, kIdBytes> secret = {};
  randombytes_buf(secret.data(), secret.size());
  std::array<char, 2 * kIdBytes + 1> text = {};
  sodium_bin2hex(text.data(), text.size(), secret.data(), secret.size());
  return text.data();
}

bool is_job_id(std::string_view text) {
  return text.size() == 2 * kIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace likeness::serve
