#include <algorithm>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/page.h>
#include <likeness/evaluate/report.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/train/run_report.h>
#include <likeness/train/training_log.h>
#include <likeness/train/validation_report.h>

#include "train/encoder_log.h"
#include "train/painter_log.h"
#include "train/painter_report.h"
#include "train/perceptual_log.h"
#include "train/perceptual_report.h"
#include "train/run_curves.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;
constexpr int kMaxPreview = 1200;

std::int64_t last_step(const TrainingHistory& history) {
  return history.steps.empty() ? 1 : history.steps.back().step;
}

/// A curve: what it is called, and its value at a step.
struct Curve {
  std::string name;
  std::function<double(const StepMeasures&)> value;
};

/// One or two curves over the steps.
std::string steps_svg(const TrainingHistory& history, const std::string& title,
                      const std::vector<Curve>& curves) {
  std::vector<RunCurve> lines;
  for (const Curve& curve : curves) {
    lines.push_back({.name = curve.name, .points = {}});
    for (const StepMeasures& m : history.steps)
      lines.back().points.push_back({static_cast<double>(m.step), curve.value(m)});
  }
  return curves_svg(title, std::move(lines), last_step(history));
}

std::string validation_svg(const TrainingHistory& history) {
  RunCurve at_1e2{.name = "at FAR 1e-2", .points = {}};
  RunCurve at_1e3{.name = "at FAR 1e-3", .points = {}};
  double lowest = 1;
  for (const ValidationMeasures& m : history.validations) {
    at_1e2.points.push_back({static_cast<double>(m.step), m.tar_1e2});
    at_1e3.points.push_back({static_cast<double>(m.step), m.tar_1e3});
    lowest = std::min({lowest, m.tar_1e2, m.tar_1e3});
  }
  return dotted_svg("TAR of the validation people", round_axis("true-accept rate (TAR)", lowest, 1),
                    {at_1e2, at_1e3}, last_step(history));
}

std::string curves_section(const TrainingHistory& history) {
  std::string html = "<h2>Training</h2>\n";
  html += steps_svg(history, "loss", {{"loss", [](const StepMeasures& m) { return m.loss; }}});
  html += steps_svg(history, "share of active triplets",
                    {{"of those chosen", [](const StepMeasures& m) { return m.mining.active; }},
                     {"of all", [](const StepMeasures& m) { return m.mining.active_of_all; }}});
  html += steps_svg(
      history, "mean squared distance",
      {{"d(anchor, positive)", [](const StepMeasures& m) { return m.mining.positive_distance; }},
       {"d(anchor, negative)", [](const StepMeasures& m) { return m.mining.negative_distance; }}});
  html += steps_svg(history, "variance of the encodings",
                    {{"variance", [](const StepMeasures& m) { return m.variance; }}});
  html += steps_svg(history, "learning rate",
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

std::string card_section(const fs::path& run) {
  const fs::path card = run / "model_card.md";
  if (!there(card)) return {};
  const Bytes text = read_file(card, kMaxCardBytes);
  return "<h2>Model card</h2>\n<pre style=\"white-space: pre-wrap\">" +
         escaped({reinterpret_cast<const char*>(text.data()), text.size()}) + "</pre>\n";
}

/// Held-out pictures in held-out styles, as the painter paints them by now.
std::string preview_section(const fs::path& run) {
  const fs::path preview = run / "preview.png";
  if (!there(preview)) return {};
  return "<h2>Held-out photos in held-out styles</h2>\n" +
         embedded_picture("photos down, styles across", read_image(preview), kMaxPreview) + "\n";
}

/// How a painter's encoder learned before.
std::string lesson_section(const fs::path& run) {
  const fs::path log = run / "encoder.jsonl";
  return there(log) ? encoder_section(read_encoder_log(log)) : std::string();
}

}  // namespace

std::string run_report_html(const fs::path& run, const fs::path& log_elsewhere) {
  const fs::path log = log_elsewhere.empty() ? run / "log.jsonl" : log_elsewhere;
  if (!there(run)) throw Error(ErrorCode::not_found, run.string() + ": no such folder");
  if (!there(log))
    throw Error(ErrorCode::not_found, log.string() +
                                          ": no log of a training run; 'likeness train siamese "
                                          "--out RUN' makes one");
  const fs::path name = fs::absolute(run).lexically_normal();
  std::string html = page_start(
      "Training run " + (name.has_filename() ? name : name.parent_path()).filename().string());
  if (is_painter_log(log))
    return html + preview_section(run) + painter_sections(read_painter_log(log)) +
           lesson_section(run) + card_section(run) + page_end();
  if (is_perceptual_log(log))
    return html + perceptual_sections(read_perceptual_log(log)) + card_section(run) + page_end();
  const TrainingHistory history = read_training_log(log);
  html += warnings_section(history) + curves_section(history) + validation_section(history);
  if (there(run / "validation.json")) {
    const ValidationReport report = read_validation_report(run);
    html += roc_section(report) + hardest_section(report, true) + hardest_section(report, false);
  }
  return html + card_section(run) + page_end();
}

}  // namespace likeness
