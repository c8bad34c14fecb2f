#include "train/encoder_log.h"

#include <string_view>

#include <likeness/core/error.h>
#include <likeness/evaluate/text.h>
#include <likeness/train/log_file.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::ordered_json;

EncoderMeasures encoder_measures_from(const Json& json) {
  return {.step = json.at("step"), .missed = json.at("validation").at("missed")};
}

}  // namespace

std::string to_json(const EncoderStep& step) {
  return Json{{"step", step.step},
              {"missed", step.missed},
              {"learning_rate", step.learning_rate},
              {"seconds", step.seconds}}
      .dump();
}

std::string to_json(const EncoderMeasures& measures) {
  return Json{{"step", measures.step}, {"validation", {{"missed", measures.missed}}}}.dump();
}

EncoderMeasures parse_encoder_measures(const std::string& json) {
  try {
    return encoder_measures_from(Json::parse(json));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file,
                "an encoder's measures are expected: " + std::string(error.what()));
  }
}

std::string to_text(const EncoderMeasures& measures) {
  const auto explained = [&](std::size_t i) { return fixed(1 - measures.missed.at(i), 2); };
  return "explains " + explained(0) + ", " + explained(1) + " and " + explained(2) +
         " of the variance of relu2_1, relu3_1 and relu4_1, " + explained(3) + " of the pixels'";
}

EncoderHistory read_encoder_log(const std::filesystem::path& path) {
  EncoderHistory history;
  for_each_log_line(path, [&](std::string_view line) {
    const Json json = Json::parse(line);
    if (json.contains("validation"))
      history.validations.push_back(encoder_measures_from(json));
    else
      history.steps.push_back({.step = json.at("step"),
                               .missed = json.at("missed"),
                               .learning_rate = json.at("learning_rate"),
                               .seconds = json.at("seconds")});
  });
  return history;
}

}  // namespace likeness
