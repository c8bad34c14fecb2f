#include "mining_report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/text.h>

namespace likeness::bench {
namespace {

std::string with_deviation(const MeanAndDeviation& value) {
  return fixed(100 * value.mean, 1) + " ± " + fixed(100 * value.deviation, 1);
}

std::string gain_of(const StrategyMeasures& one, std::size_t seeds) {
  if (one.strategy == "random") return "";
  return (one.gain.mean >= 0 ? "+" : "−") +
         with_deviation({std::abs(one.gain.mean), one.gain.deviation}) + ", " +
         std::to_string(one.better) + " of " + std::to_string(seeds);
}

struct Curve {
  const char* strategy;
  PlotKind kind;
};
constexpr Curve kCurves[] = {
    {"random", PlotKind::guide}, {"semi-hard", PlotKind::first}, {"batch-hard", PlotKind::second}};

/// The mean over the seeds of what `points` finds in each run.
template <class Points>
std::vector<PlotPoint> mean_curve(const std::vector<MiningRun>& runs, const std::string& strategy,
                                  const Points& points) {
  std::map<double, std::vector<double>> values;
  for (const MiningRun& run : runs)
    if (run.strategy == strategy)
      for (const PlotPoint& point : points(run)) values[point.x].push_back(point.y);
  std::vector<PlotPoint> curve;
  for (const auto& [step, all] : values) curve.push_back({step, mean_and_deviation(all).mean});
  return curve;
}

template <class Points>
std::string draw(const std::vector<MiningRun>& runs, const std::string& title,
                 const Points& points) {
  double highest = 0;
  double last_step = 1;
  for (const Curve& curve : kCurves)
    for (const PlotPoint& point : mean_curve(runs, curve.strategy, points)) {
      highest = std::max(highest, point.y);
      last_step = std::max(last_step, point.x);
    }
  const double tick = highest > 0.5 ? 0.2 : highest > 0.2 ? 0.1 : 0.05;
  const double top = std::max(tick, std::ceil(highest / tick) * tick);
  Plot plot(title,
            {.title = "step",
             .first = 0,
             .last = last_step,
             .ticks = even_ticks(0, last_step, std::ceil(last_step / 5), 0)},
            {.title = title, .first = 0, .last = top, .ticks = even_ticks(0, top, tick, 2)});
  for (const Curve& curve : kCurves) {
    const std::vector<PlotPoint> drawn = mean_curve(runs, curve.strategy, points);
    if (drawn.empty()) continue;
    plot.add_line(drawn, curve.kind);
    plot.add_legend(curve.strategy, curve.kind);
  }
  return plot.svg();
}

}  // namespace

std::string active_svg(const std::vector<MiningRun>& runs) {
  return draw(runs, "share of active triplets among the chosen", [](const MiningRun& run) {
    std::vector<PlotPoint> points;
    for (const ActiveShare& block : run.active) points.push_back({block.step, block.chosen});
    return points;
  });
}

std::string validation_svg(const std::vector<MiningRun>& runs) {
  return draw(runs, "validation TAR at FAR 1e-2", [](const MiningRun& run) {
    std::vector<PlotPoint> points;
    for (const ValidationMeasures& one : run.validations)
      points.push_back({static_cast<double>(one.step), one.tar_1e2});
    return points;
  });
}

std::string to_table(const std::vector<MiningRun>& runs,
                     const std::vector<StrategyMeasures>& measures) {
  if (runs.empty()) return {};
  const MiningRun& first = runs.front();
  const std::size_t seeds = runs.size() / measures.size();
  std::string text = std::to_string(first.steps) + " steps on " + std::to_string(first.faces) +
                     " faces of " + std::to_string(first.identities) + " people, validation on " +
                     std::to_string(first.validation_faces) + " of " +
                     std::to_string(first.validation_identities) + " others, " +
                     std::to_string(seeds) + " seeds (mean ± standard deviation):\n\n";
  text +=
      "| mining | TAR at FAR 1e-2, % | above random, points; seeds | TAR at FAR 1e-3, % | EER, % | "
      "active, first tenth | active, last tenth | of all triplets, last tenth |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const StrategyMeasures& one : measures)
    text += "| `" + one.strategy + "` | " + with_deviation(one.tar_1e2) + " | " +
            gain_of(one, seeds) + " | " + with_deviation(one.tar_1e3) + " | " +
            with_deviation(one.eer) + " | " + percent(one.early_active, 1) + " | " +
            percent(one.late_active, 1) + " | " + percent(one.late_of_all, 1) + " |\n";
  return text;
}

}  // namespace likeness::bench
