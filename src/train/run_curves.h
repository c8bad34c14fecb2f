#pragma once

/// Curves over the steps of a run, for its report.

#include <cstdint>
#include <string>
#include <vector>

#include <likeness/evaluate/plot.h>

namespace likeness {

/// A curve: what it is called, and its value at each step. Of the colours of a Plot there are two.
struct RunCurve {
  std::string name;
  std::vector<PlotPoint> points;
};

/// From about `first` to `last` with four to ten round steps between.
PlotAxis round_axis(const std::string& title, double first, double last);

/// Steps from 0 to `last`.
PlotAxis step_axis(std::int64_t last);

/// One or two curves from 0 up, as SVG. Neighbouring steps are averaged where there are more than
/// the drawing can show; `title` is what the axis is called.
std::string curves_svg(const std::string& title, std::vector<RunCurve> curves, std::int64_t last);

/// One or two curves of a few points, each with a dot, between `lowest` and `highest`.
std::string dotted_svg(const std::string& description, const PlotAxis& values,
                       const std::vector<RunCurve>& curves, std::int64_t last);

}  // namespace likeness
