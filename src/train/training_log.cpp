#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/training_log.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxLogBytes = std::size_t{1} << 30;

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

/// Calls `take` with each complete line and its JSON.
template <class Take>
void for_each_line(const fs::path& path, Take take) {
  const Bytes bytes = read_file(path, kMaxLogBytes);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (end == text.npos) return;  // torn by a kill
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    try {
      take(line, Json::parse(line));
    } catch (const Json::exception& error) {
      throw Error(ErrorCode::corrupt_file,
                  path.string() + ": line " + std::to_string(number) + ": " + error.what());
    }
  }
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

TrainingLog::TrainingLog(fs::path path, std::int64_t last_step) : path_(std::move(path)) {
  std::string kept;
  std::error_code ignored;
  if (last_step > 0 && fs::exists(path_, ignored))
    for_each_line(path_, [&](std::string_view line, const Json& json) {
      if (json.at("step").get<std::int64_t>() <= last_step) kept += std::string(line) + "\n";
    });
  write_file(path_, kept);
  file_.open(path_, std::ios::app);
  if (!file_) throw Error(ErrorCode::write_failed, path_.string() + ": " + std::strerror(errno));
}

void TrainingLog::add(const StepMeasures& measures) {
  write(as_json(measures).dump());
}

void TrainingLog::add(const ValidationMeasures& measures) {
  write(as_json(measures).dump());
}

void TrainingLog::warn(std::int64_t step, const std::string& message) {
  write(Json{{"step", step}, {"warning", message}}.dump());
}

void TrainingLog::write(const std::string& line) {
  file_ << line << '\n' << std::flush;
  if (!file_) throw Error(ErrorCode::write_failed, path_.string() + ": " + std::strerror(errno));
}

TrainingHistory read_training_log(const fs::path& path) {
  TrainingHistory history;
  for_each_line(path, [&](std::string_view, const Json& json) { add_line(history, json); });
  return history;
}

}  // namespace likeness
