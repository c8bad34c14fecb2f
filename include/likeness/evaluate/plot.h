#pragma once

/// Curves over two axes as SVG, readable on light and dark pages.

#include <span>
#include <string>
#include <vector>

#include <likeness/image/geometry.h>

namespace likeness {

struct PlotTick {
  double at = 0;
  std::string label;
};

/// From `first` on the left (or below) to `last`; what lies beyond is drawn at the edge.
struct PlotAxis {
  std::string title;
  double first = 0;
  double last = 1;
  bool logarithmic = false;  ///< then first and last are positive; what is not lies at `first`
  std::vector<PlotTick> ticks = {};
};

/// Ticks at powers of ten from 10^lowest to 10^highest: "1e-3" … "1".
std::vector<PlotTick> decade_ticks(int lowest, int highest);
/// Ticks from `first` to `last`, `step` apart, with `digits` digits after the point.
std::vector<PlotTick> even_ticks(double first, double last, double step, int digits);

/// A point in the units of the axes.
struct PlotPoint {
  double x = 0;
  double y = 0;
};

/// The kinds of curve, by colour: the first is blue, the second orange, guides are grey dashes.
enum class PlotKind { first, second, guide };

class Plot {
 public:
  /// `description` is read out to those who cannot see the drawing.
  Plot(std::string description, PlotAxis x, PlotAxis y);

  /// Straight lines from point to point. Points that lie on a line with their neighbours, or closer
  /// together than can be seen, are left out.
  void add_line(std::span<const PlotPoint> points, PlotKind kind);
  /// To the right, then up (or down), from point to point.
  void add_staircase(std::span<const PlotPoint> points, PlotKind kind);
  void add_dot(PlotPoint at, PlotKind kind);
  void add_bar(double left, double right, double bottom, double top, PlotKind kind);
  /// Text beside a point, `right` and `down` of it in units of the drawing (720 wide).
  void add_label(PlotPoint at, float right, float down, const std::string& text);
  /// A line of text in the lower right corner of the plot; each call adds one below.
  void add_note(const std::string& text);
  /// The name of a kind of curve with a sample of its colour, from the upper left on.
  void add_legend(const std::string& text, PlotKind kind);

  std::string svg() const;

 private:
  Point place(PlotPoint point) const;

  std::string description_;
  PlotAxis x_;
  PlotAxis y_;
  std::string body_;
  std::vector<std::string> notes_;
  int legends_ = 0;
};

}  // namespace likeness
