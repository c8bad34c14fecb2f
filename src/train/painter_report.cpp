#include "train/painter_report.h"

#include <functional>
#include <string>
#include <vector>

#include <likeness/evaluate/page.h>
#include <likeness/evaluate/text.h>

#include "train/run_curves.h"

namespace likeness {
namespace {

std::int64_t last_step(const PainterHistory& history) {
  return history.steps.empty() ? 1 : history.steps.back().step;
}

std::string step_svg(const PainterHistory& history, const std::string& title,
                     const std::function<double(const PainterStep&)>& value) {
  RunCurve curve{.name = title, .points = {}};
  for (const PainterStep& step : history.steps)
    curve.points.push_back({static_cast<double>(step.step), value(step)});
  return curves_svg(title, {curve}, last_step(history));
}

std::string validation_section(const PainterHistory& history) {
  if (history.validations.empty()) return "<p class=\"soft\">No validation yet.</p>\n";
  RunCurve content{.name = "content", .points = {}};
  RunCurve style{.name = "style", .points = {}};
  std::vector<std::vector<std::string>> rows;
  for (const PainterMeasures& m : history.validations) {
    content.points.push_back({static_cast<double>(m.step), m.content});
    style.points.push_back({static_cast<double>(m.step), m.style});
    rows.push_back({std::to_string(m.step), fixed(m.content, 4), fixed(m.style, 4),
                    fixed(m.statistics, 4), fixed(m.identity, 5)});
  }
  return "<h2>Held-out pairs</h2>\n" +
         dotted_svg("costs of held-out pairs", round_axis("share of the unchanged picture's", 0, 1),
                    {content, style}, last_step(history)) +
         number_table({"step", "content share", "style share", "statistics", "identity"}, rows);
}

/// How much of the variance of relu3_1 and relu4_1 is missed.
template <typename Line>
std::vector<RunCurve> missed_curves(const std::vector<Line>& lines) {
  RunCurve middle{.name = "relu3_1", .points = {}};
  RunCurve coarse{.name = "relu4_1", .points = {}};
  for (const Line& line : lines) {
    middle.points.push_back({static_cast<double>(line.step), line.missed[1]});
    coarse.points.push_back({static_cast<double>(line.step), line.missed[2]});
  }
  return {middle, coarse};
}

}  // namespace

std::string painter_sections(const PainterHistory& history) {
  using Step = const PainterStep&;
  return "<h2>Training</h2>\n" + step_svg(history, "loss", [](Step s) { return s.loss; }) +
         step_svg(history, "content cost", [](Step s) { return s.content; }) +
         step_svg(history, "style cost (Gram matrices)", [](Step s) { return s.style; }) +
         step_svg(history, "style cost (means and deviations)",
                  [](Step s) { return s.statistics; }) +
         step_svg(history, "identity", [](Step s) { return s.identity; }) +
         step_svg(history, "coherence", [](Step s) { return s.coherence; }) +
         step_svg(history, "learning rate", [](Step s) { return s.learning_rate; }) +
         validation_section(history);
}

std::string encoder_section(const EncoderHistory& history) {
  if (history.steps.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const EncoderMeasures& m : history.validations) {
    rows.push_back({std::to_string(m.step)});
    for (const double missed : m.missed) rows.back().push_back(fixed(missed, 4));
  }
  return "<h2>The encoder's lesson before</h2>\n" +
         curves_svg("share of the variance missed", missed_curves(history.steps),
                    history.steps.back().step) +
         number_table({"step", "relu2_1 missed", "relu3_1", "relu4_1", "pixels"}, rows);
}

}  // namespace likeness
