#include "train/run_curves.h"

#include <algorithm>
#include <cmath>

namespace likeness {
namespace {

/// Means of neighbouring points, so many that the drawing can show them.
std::vector<PlotPoint> averaged(const std::vector<PlotPoint>& all) {
  constexpr std::size_t kPoints = 240;
  const std::size_t group = (all.size() + kPoints - 1) / kPoints;
  std::vector<PlotPoint> points;
  for (std::size_t begin = 0; begin < all.size(); begin += group) {
    const std::size_t end = std::min(begin + group, all.size());
    PlotPoint mean;
    for (std::size_t i = begin; i < end; ++i) {
      mean.x += all[i].x;
      mean.y += all[i].y;
    }
    const auto count = static_cast<double>(end - begin);
    points.push_back({mean.x / count, mean.y / count});
  }
  return points;
}

PlotKind kind_of(std::size_t curve) {
  return curve == 0 ? PlotKind::first : PlotKind::second;
}

}  // namespace

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

PlotAxis step_axis(std::int64_t last) {
  return round_axis("step", 0, static_cast<double>(last));
}

std::string curves_svg(const std::string& title, std::vector<RunCurve> curves, std::int64_t last) {
  double highest = 0;
  for (RunCurve& curve : curves) {
    curve.points = averaged(curve.points);
    for (const PlotPoint& point : curve.points) highest = std::max(highest, point.y);
  }
  Plot plot(title, step_axis(last), round_axis(title, 0, highest));
  for (std::size_t i = 0; i < curves.size(); ++i) {
    plot.add_line(curves[i].points, kind_of(i));
    if (curves.size() > 1) plot.add_legend(curves[i].name, kind_of(i));
  }
  return plot.svg();
}

std::string dotted_svg(const std::string& description, const PlotAxis& values,
                       const std::vector<RunCurve>& curves, std::int64_t last) {
  Plot plot(description, step_axis(last), values);
  for (std::size_t i = 0; i < curves.size(); ++i) plot.add_line(curves[i].points, kind_of(i));
  for (std::size_t i = 0; i < curves.size(); ++i)
    for (const PlotPoint& point : curves[i].points) plot.add_dot(point, kind_of(i));
  for (std::size_t i = 0; i < curves.size(); ++i) plot.add_legend(curves[i].name, kind_of(i));
  return plot.svg();
}

}  // namespace likeness
