#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/page.h>
#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/report.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/train/run_report.h>
#include <likeness/train/training_log.h>
#include <likeness/train/validation_report.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;

/// A curve: what it is called, and its value at a step.
struct Curve {
  std::string name;
  std::function<double(const StepMeasures&)> value;
};

/// Means of neighbouring steps, so many that the drawing can show them.
std::vector<PlotPoint> averaged(const std::vector<StepMeasures>& steps, const Curve& curve) {
  constexpr std::size_t kPoints = 240;
  const std::size_t group = (steps.size() + kPoints - 1) / kPoints;
  std::vector<PlotPoint> points;
  for (std::size_t begin = 0; begin < steps.size(); begin += group) {
    const std::size_t end = std::min(begin + group, steps.size());
    PlotPoint mean;
    for (std::size_t i = begin; i < end; ++i) {
      mean.x += static_cast<double>(steps[i].step);
      mean.y += curve.value(steps[i]);
    }
    const auto count = static_cast<double>(end - begin);
    points.push_back({mean.x / count, mean.y / count});
  }
  return points;
}

/// About four to ten round steps between the two.
PlotAxis round_axis(const std::string& title, double first, double last) {
  if (!(last > first)) last = first + 1;
  const double rough = (last - first) / 5;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  const double step = rough / decade < 1.5   ? decade
                      : rough / decade < 3.5 ? 2 * decade
                      : rough / decade < 7.5 ? 5 * decade
                                             : 10 * decade;
  const double low = std::floor(first / step + 1e-9) * step;
  const double high = std::ceil(last / step - 1e-9) * step;
  const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  return {.title = title, .first = low, .last = high, .ticks = even_ticks(low, high, step, digits)};
}

PlotAxis step_axis(const TrainingHistory& history) {
  const auto last = history.steps.empty() ? 1 : history.steps.back().step;
  return round_axis("step", 0, static_cast<double>(last));
}

/// One or two curves over the steps.
std::string curves_svg(const TrainingHistory& history, const std::string& title,
                       const std::vector<Curve>& curves) {
  std::vector<std::vector<PlotPoint>> lines;
  double highest = 0;
  for (const Curve& curve : curves) {
    lines.push_back(averaged(history.steps, curve));
    for (const PlotPoint& point : lines.back()) highest = std::max(highest, point.y);
  }
  Plot plot(title, step_axis(history), round_axis(title, 0, highest));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const PlotKind kind = i == 0 ? PlotKind::first : PlotKind::second;
    plot.add_line(lines[i], kind);
    if (lines.size() > 1) plot.add_legend(curves[i].name, kind);
  }
  return plot.svg();
}

std::string validation_svg(const TrainingHistory& history) {
  std::vector<PlotPoint> at_1e2;
  std::vector<PlotPoint> at_1e3;
  double lowest = 1;
  for (const ValidationMeasures& m : history.validations) {
    at_1e2.push_back({static_cast<double>(m.step), m.tar_1e2});
    at_1e3.push_back({static_cast<double>(m.step), m.tar_1e3});
    lowest = std::min({lowest, m.tar_1e2, m.tar_1e3});
  }
  Plot plot("TAR of the validation people", step_axis(history),
            round_axis("true-accept rate (TAR)", lowest, 1));
  plot.add_line(at_1e2, PlotKind::first);
  plot.add_line(at_1e3, PlotKind::second);
  for (const PlotPoint& point : at_1e2) plot.add_dot(point, PlotKind::first);
  for (const PlotPoint& point : at_1e3) plot.add_dot(point, PlotKind::second);
  plot.add_legend("at FAR 1e-2", PlotKind::first);
  plot.add_legend("at FAR 1e-3", PlotKind::second);
  return plot.svg();
}

std::string curves_section(const TrainingHistory& history) {
  std::string html = "<h2>Training</h2>\n";
  html += curves_svg(history, "loss", {{"loss", [](const StepMeasures& m) { return m.loss; }}});
  html += curves_svg(history, "share of active triplets",
                     {{"of those chosen", [](const StepMeasures& m) { return m.mining.active; }},
                      {"of all", [](const StepMeasures& m) { return m.mining.active_of_all; }}});
  html += curves_svg(
      history, "mean squared distance",
      {{"d(anchor, positive)", [](const StepMeasures& m) { return m.mining.positive_distance; }},
       {"d(anchor, negative)", [](const StepMeasures& m) { return m.mining.negative_distance; }}});
  html += curves_svg(history, "variance of the encodings",
                     {{"variance", [](const StepMeasures& m) { return m.variance; }}});
  html += curves_svg(history, "learning rate",
                     {{"learning rate", [](const StepMeasures& m) { return m.learning_rate; }}});
  return html;
}

std::string validation_section(const TrainingHistory& history) {
  if (history.validations.empty()) return "<p class=\"soft\">No validation yet.</p>\n";
  std::vector<std::vector<std::string>> rows;
  for (const ValidationMeasures& m : history.validations)
    rows.push_back({std::to_string(m.step), percent(m.tar_1e2, 2), percent(m.tar_1e3, 2),
                    percent(m.eer, 2), fixed(m.auc, 5)});
  return "<h2>Validation</h2>\n" + validation_svg(history) +
         number_table({"step", "TAR at FAR 1e-2", "TAR at FAR 1e-3", "EER", "AUC"}, rows);
}

std::string roc_section(const ValidationReport& report) {
  VerificationMeasures measures;
  measures.genuine = report.genuine;
  measures.impostor = report.impostor;
  measures.roc = report.roc;
  measures.eer = report.eer;
  measures.auc = report.auc;
  return "<h2>The best weights on the validation people</h2>\n<p class=\"soft\">" +
         std::to_string(report.faces) + " faces of " + std::to_string(report.identities) +
         " people that were not trained on: " + std::to_string(report.genuine) +
         " pairs of one person, " + std::to_string(report.impostor) +
         " of different people.</p>\n" + roc_svg(measures);
}

/// The photo, or its name when it is gone.
std::string picture_or_name(const ValidationReport& report, const std::string& picture) {
  try {
    return embedded_picture(
        picture, [&](const std::string& name) { return read_image(report.folder / name); });
  } catch (const Error&) {
    return "<span>" + escaped(picture) + " is not there any more</span>";
  }
}

std::string hardest_section(const ValidationReport& report, bool same_person) {
  std::string html = same_person ? "<h2>One person, yet far apart</h2>\n"
                                 : "<h2>Different people, yet near each other</h2>\n";
  html += "<div class=\"failures\">\n";
  for (const ValidationPair& pair : report.hardest) {
    if (pair.same_person != same_person) continue;
    html += "<figure><div class=\"pictures\">" + picture_or_name(report, pair.first) +
            picture_or_name(report, pair.second) + "</div>\n<figcaption><strong>" +
            fixed(pair.distance, 3) + "</strong><br>" + escaped(pair.first) + "<br>" +
            escaped(pair.second) + "</figcaption></figure>\n";
  }
  return html + "</div>\n";
}

std::string warnings_section(const TrainingHistory& history) {
  std::string html;
  for (const std::string& warning : history.warnings)
    html += "<p><strong>" + escaped(warning) + "</strong></p>\n";
  return html;
}

bool there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

std::string run_report_html(const fs::path& run, const fs::path& log_elsewhere) {
  const fs::path log = log_elsewhere.empty() ? run / "log.jsonl" : log_elsewhere;
  if (!there(run)) throw Error(ErrorCode::not_found, run.string() + ": no such folder");
  if (!there(log))
    throw Error(ErrorCode::not_found, log.string() +
                                          ": no log of a training run; 'likeness train siamese "
                                          "--out RUN' makes one");
  const TrainingHistory history = read_training_log(log);
  const fs::path name = fs::absolute(run).lexically_normal();
  std::string html = page_start(
      "Training run " + (name.has_filename() ? name : name.parent_path()).filename().string());
  html += warnings_section(history) + curves_section(history) + validation_section(history);
  if (there(run / "validation.json")) {
    const ValidationReport report = read_validation_report(run);
    html += roc_section(report) + hardest_section(report, true) + hardest_section(report, false);
  }
  if (const fs::path card = run / "model_card.md"; there(card)) {
    const Bytes text = read_file(card, kMaxCardBytes);
    html += "<h2>Model card</h2>\n<pre style=\"white-space: pre-wrap\">" +
            escaped({reinterpret_cast<const char*>(text.data()), text.size()}) + "</pre>\n";
  }
  return html + page_end();
}

}  // namespace likeness
