#include "train/painter_report.h"

#include <functional>
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

}  // namespace likeness
