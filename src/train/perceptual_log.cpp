#include "train/perceptual_log.h"

#include <optional>
#include <string_view>

#include <likeness/core/error.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::ordered_json;

PerceptualMeasures measures_from(const Json& json) {
  const Json& values = json.at("validation");
  return {.step = json.at("step"), .r2 = values.at("r2"), .gram_error = values.at("gram_error")};
}

PerceptualStep step_from(const Json& json) {
  return {.step = json.at("step"),
          .loss = json.at("loss"),
          .features = json.at("features"),
          .grams = json.at("grams"),
          .gradients = json.at("gradients"),
          .differences = json.value("differences", 0.0),
          .length = json.at("length"),
          .learning_rate = json.at("learning_rate"),
          .seconds = json.at("seconds")};
}

}  // namespace

std::string to_json(const PerceptualStep& step) {
  return Json{{"step", step.step},           {"loss", step.loss},
              {"features", step.features},   {"grams", step.grams},
              {"gradients", step.gradients}, {"differences", step.differences},
              {"length", step.length},       {"learning_rate", step.learning_rate},
              {"seconds", step.seconds}}
      .dump();
}

std::string to_json(const PerceptualMeasures& measures) {
  return Json{{"step", measures.step},
              {"validation", {{"r2", measures.r2}, {"gram_error", measures.gram_error}}}}
      .dump();
}

PerceptualMeasures parse_perceptual_measures(const std::string& json) {
  try {
    return measures_from(Json::parse(json));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file,
                "a validation's measures are expected: " + std::string(error.what()));
  }
}

bool is_perceptual_log(const std::filesystem::path& path) {
  std::optional<bool> perceptual;
  for_each_log_line(path, [&](std::string_view line) {
    if (perceptual) return;
    const Json json = Json::parse(line);
    perceptual = json.contains("features") ||
                 (json.contains("validation") && json.at("validation").contains("r2"));
  });
  return perceptual.value_or(false);
}

PerceptualHistory read_perceptual_log(const std::filesystem::path& path) {
  PerceptualHistory history;
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
