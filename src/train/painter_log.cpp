#include "train/painter_log.h"

#include <optional>
#include <string_view>

#include <likeness/core/error.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::ordered_json;

PainterMeasures measures_from(const Json& json) {
  const Json& values = json.at("validation");
  return {.step = json.at("step"),
          .content = values.at("content_share"),
          .style = values.at("style_share"),
          .statistics = values.at("statistics"),
          .identity = values.at("identity")};
}

PainterStep step_from(const Json& json) {
  return {.step = json.at("step"),
          .loss = json.at("loss"),
          .content = json.at("content"),
          .style = json.at("style"),
          .statistics = json.at("statistics"),
          .identity = json.at("identity"),
          .coherence = json.at("coherence"),
          .length = json.at("length"),
          .learning_rate = json.at("learning_rate"),
          .seconds = json.at("seconds")};
}

}  // namespace

std::string to_json(const PainterStep& step) {
  return Json{{"step", step.step},
              {"loss", step.loss},
              {"content", step.content},
              {"style", step.style},
              {"statistics", step.statistics},
              {"identity", step.identity},
              {"coherence", step.coherence},
              {"length", step.length},
              {"learning_rate", step.learning_rate},
              {"seconds", step.seconds}}
      .dump();
}

std::string to_json(const PainterMeasures& measures) {
  return Json{{"step", measures.step},
              {"validation",
               {{"content_share", measures.content},
                {"style_share", measures.style},
                {"statistics", measures.statistics},
                {"identity", measures.identity}}}}
      .dump();
}

PainterMeasures parse_painter_measures(const std::string& json) {
  try {
    return measures_from(Json::parse(json));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file,
                "a validation's measures are expected: " + std::string(error.what()));
  }
}

bool is_painter_log(const std::filesystem::path& path) {
  std::optional<bool> painter;
  for_each_log_line(path, [&](std::string_view line) {
    if (painter) return;
    const Json json = Json::parse(line);
    painter = json.contains("coherence") ||
              (json.contains("validation") && json.at("validation").contains("style_share"));
  });
  return painter.value_or(false);
}

PainterHistory read_painter_log(const std::filesystem::path& path) {
  PainterHistory history;
  for_each_log_line(path, [&](std::string_view line) {
    const Json json = Json::parse(line);
    if (json.contains("validation"))
      history.validations.push_back(measures_from(json));
    else
      history.steps.push_back(step_from(json));
  });
  return history;
}

}  // namespace likeness
