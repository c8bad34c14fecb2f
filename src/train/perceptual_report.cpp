#include "train/perceptual_report.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <likeness/evaluate/page.h>
#include <likeness/evaluate/text.h>
#include <likeness/net/vgg.h>

#include "train/run_curves.h"

namespace likeness {
namespace {

std::int64_t last_step(const PerceptualHistory& history) {
  return history.steps.empty() ? 1 : history.steps.back().step;
}

std::string step_svg(const PerceptualHistory& history, const std::string& title,
                     const std::function<double(const PerceptualStep&)>& value) {
  RunCurve curve{.name = title, .points = {}};
  for (const PerceptualStep& step : history.steps)
    curve.points.push_back({static_cast<double>(step.step), value(step)});
  return curves_svg(title, {curve}, last_step(history));
}

std::string tap_name(std::size_t tap) {
  return std::string(to_string(static_cast<net::Tap>(tap)));
}

/// The R² of two taps.
std::string r2_svg(const PerceptualHistory& history, std::size_t first) {
  std::vector<RunCurve> curves;
  double lowest = 1;
  const std::size_t taps = history.validations.front().r2.size();
  for (std::size_t tap = first; tap < std::min(first + 2, taps); ++tap) {
    curves.push_back({.name = tap_name(tap), .points = {}});
    for (const PerceptualMeasures& m : history.validations) {
      curves.back().points.push_back({static_cast<double>(m.step), m.r2.at(tap)});
      lowest = std::min(lowest, m.r2.at(tap));
    }
  }
  return dotted_svg("R2 of the held-out pictures' activations",
                    round_axis("R2 on held-out pictures", std::max(lowest, -1.0), 1), curves,
                    last_step(history));
}

std::string validation_section(const PerceptualHistory& history) {
  if (history.validations.empty()) return "<p class=\"soft\">No validation yet.</p>\n";
  std::vector<std::string> names = {"step"};
  for (const char* what : {"R2 ", "Gram error "})
    for (std::size_t tap = 0; tap < history.validations.front().r2.size(); ++tap)
      names.push_back(what + tap_name(tap));
  std::vector<std::vector<std::string>> rows;
  for (const PerceptualMeasures& m : history.validations) {
    rows.push_back({std::to_string(m.step)});
    for (const double r2 : m.r2) rows.back().push_back(fixed(r2, 4));
    for (const double error : m.gram_error) rows.back().push_back(fixed(error, 5));
  }
  return "<h2>Held-out pictures</h2>\n" + r2_svg(history, 0) + r2_svg(history, 2) +
         number_table(names, rows);
}

}  // namespace

std::string perceptual_sections(const PerceptualHistory& history) {
  using Step = const PerceptualStep&;
  return "<h2>Training</h2>\n" + step_svg(history, "loss", [](Step s) { return s.loss; }) +
         step_svg(history, "error of activations", [](Step s) { return s.features; }) +
         step_svg(history, "error of Gram matrices", [](Step s) { return s.grams; }) +
         step_svg(history, "error of the picture's gradient", [](Step s) { return s.gradients; }) +
         step_svg(history, "error of what is left of paintings",
                  [](Step s) { return s.differences; }) +
         step_svg(history, "learning rate", [](Step s) { return s.learning_rate; }) +
         validation_section(history);
}

}  // namespace likeness
