#include "student_table.h"

#include <algorithm>
#include <cstddef>

#include "number_text.h"

namespace likeness::cli {
namespace {

Json layer_json(const StudentLayer& layer) {
  return {{"left", layer.left},
          {"left_for_student", layer.left_for_student},
          {"error_of_aim", layer.error_of_aim},
          {"error_of_picture", layer.error_of_picture},
          {"error_of_difference", layer.error_of_difference}};
}

std::string cell(const std::string& text) {
  constexpr std::size_t kWidth = 12;
  return std::string(kWidth - std::min(kWidth, text.size()), ' ') + text;
}

std::string student_line(const std::string& name, const StudentLayer& layer) {
  return cell(name) + cell(fixed(layer.left, 4)) + cell(fixed(layer.left_for_student, 4)) +
         cell(fixed(layer.error_of_aim, 4)) + cell(fixed(layer.error_of_picture, 4)) +
         cell(fixed(layer.error_of_difference, 4)) + "\n";
}

}  // namespace

Json student_json(const StudentMeasures& measures) {
  Json layers = Json::object();
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i)
    layers[std::string(net::to_string(kJudgedTaps[i]))] = layer_json(measures.style_layers[i]);
  return {{"style_layers", layers}, {"content", layer_json(measures.content)}};
}

std::string student_table(const StudentMeasures& measures, const std::string& name) {
  std::string text = name + ": left to the aim (judge, student); the student's errors about the " +
                     "aim, the picture, their difference\n";
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i)
    text += student_line(std::string(net::to_string(kJudgedTaps[i])), measures.style_layers[i]);
  return text + student_line("content", measures.content);
}

}  // namespace likeness::cli
