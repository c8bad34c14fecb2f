#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/report.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

/// One decade below the finest rate that the impostor pairs can show.
PlotAxis fmr_axis(const VerificationMeasures& measures) {
  const auto impostor = static_cast<double>(measures.impostor);
  const int decades = std::clamp(static_cast<int>(std::ceil(std::log10(impostor))), 1, 9);
  return {.title = "false-match rate, FMR (FAR)",
          .first = std::pow(10.0, -decades),
          .last = 1,
          .logarithmic = true,
          .ticks = decade_ticks(-decades, 0)};
}

/// From the lowest point of the curves up, in round steps; at least the top twentieth.
PlotAxis tmr_axis(double lowest) {
  lowest = std::min(lowest, 0.95);
  const double step = lowest < 0.5 ? 0.2 : lowest < 0.75 ? 0.1 : lowest < 0.9 ? 0.05 : 0.01;
  const double floor = std::floor(lowest / step + 1e-9) * step;
  return {.title = "true-match rate, 1 − FNMR (TAR)",
          .first = floor,
          .last = 1,
          .ticks = even_ticks(floor, 1, step, 2)};
}

/// To the right when a stranger is accepted, up when a genuine pair is.
std::vector<PlotPoint> curve(const Roc& roc) {
  std::vector<PlotPoint> points;
  for (const RocPoint& point : roc.points) points.push_back({point.far, point.tar});
  return points;
}

}  // namespace

std::string roc_svg(const VerificationMeasures& measures, const VerificationMeasures* classifier) {
  double lowest = measures.roc.at_far(0).tar;
  if (classifier != nullptr) lowest = std::min(lowest, classifier->roc.at_far(0).tar);
  Plot plot("ROC: true-match rate against false-match rate", fmr_axis(measures), tmr_axis(lowest));
  plot.add_staircase(curve(measures.roc), PlotKind::first);
  if (classifier != nullptr) {
    plot.add_staircase(curve(classifier->roc), PlotKind::second);
    plot.add_legend("distance", PlotKind::first);
    plot.add_legend("pair classifier", PlotKind::second);
  } else {
    for (const ReportedRate& rate : kReportedRates) {
      const PlotPoint point{rate.far, measures.roc.at_far(rate.far).tar};
      plot.add_dot(point, PlotKind::second);
      plot.add_label(point, 8, 18, percent(point.y, 2) + " at FMR " + rate.name);
    }
  }
  plot.add_note("equal error rate " + percent(measures.eer, 2));
  plot.add_note("area under the curve " + fixed(measures.auc, 5));
  return plot.svg();
}

}  // namespace likeness
