#include <string_view>

#include <likeness/core/error.h>
#include <likeness/train/training_log.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json as_json(const StepMeasures& m) {
  return {{"step", m.step},
          {"loss", m.loss},
          {"penalty", m.penalty},
          {"triplets", m.mining.triplets},
          {"active", m.mining.active},
          {"active_of_all", m.mining.active_of_all},
          {"d_ap", m.mining.positive_distance},
          {"d_an", m.mining.negative_distance},
          {"norm", m.norm},
          {"variance", m.variance},
          {"gradient", m.gradient},
          {"learning_rate", m.learning_rate},
          {"faces_per_second", m.faces_per_second}};
}

Json as_json(const ValidationMeasures& m) {
  return {{"step", m.step},
          {"validation",
           {{"tar_1e-2", m.tar_1e2},
            {"tar_1e-3", m.tar_1e3},
            {"eer", m.eer},
            {"auc", m.auc},
            {"accuracy", m.accuracy}}}};
}

StepMeasures step_from(const Json& json) {
  StepMeasures m;
  m.step = json.at("step");
  m.loss = json.at("loss");
  m.penalty = json.at("penalty");
  m.mining = {.triplets = json.at("triplets"),
              .active = json.at("active"),
              .active_of_all = json.at("active_of_all"),
              .positive_distance = json.at("d_ap"),
              .negative_distance = json.at("d_an")};
  m.norm = json.at("norm");
  m.variance = json.at("variance");
  m.gradient = json.at("gradient");
  m.learning_rate = json.at("learning_rate");
  m.faces_per_second = json.at("faces_per_second");
  return m;
}

ValidationMeasures validation_from(const Json& json) {
  const Json& values = json.at("validation");
  return {.step = json.at("step"),
          .tar_1e2 = values.at("tar_1e-2"),
          .tar_1e3 = values.at("tar_1e-3"),
          .eer = values.at("eer"),
          .auc = values.at("auc"),
          .accuracy = values.at("accuracy")};
}

void add_line(TrainingHistory& history, const Json& json) {
  if (json.contains("validation"))
    history.validations.push_back(validation_from(json));
  else if (json.contains("warning"))
    history.warnings.push_back(json.at("warning"));
  else
    history.steps.push_back(step_from(json));
}

}  // namespace

std::string to_json(const ValidationMeasures& measures) {
  return as_json(measures).dump();
}

ValidationMeasures parse_validation(const std::string& json) {
  try {
    return validation_from(Json::parse(json));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file,
                "a validation's measures are expected: " + std::string(error.what()));
  }
}

void TrainingLog::add(const StepMeasures& measures) {
  file_.write(as_json(measures).dump());
}

void TrainingLog::add(const ValidationMeasures& measures) {
  file_.write(as_json(measures).dump());
}

void TrainingLog::warn(std::int64_t step, const std::string& message) {
  file_.write(Json{{"step", step}, {"warning", message}}.dump());
}

TrainingHistory read_training_log(const fs::path& path) {
  TrainingHistory history;
  for_each_log_line(path, [&](std::string_view line) { add_line(history, Json::parse(line)); });
  return history;
}

}  // namespace likeness
