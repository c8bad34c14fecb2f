#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

// The drawing and its plot area, in SVG units.
constexpr int kWidth = 720;
constexpr int kHeight = 440;
constexpr float kLeft = 72;
constexpr float kRight = 700;
constexpr float kTop = 20;
constexpr float kBottom = 380;

/// Colours and letters; the names are long because a page that includes the drawing shares them.
constexpr const char* kStyle = R"(<style>
.likeness-plot { font: 13px system-ui, sans-serif; }
.likeness-plot .paper { fill: #ffffff; }
.likeness-plot .grid { stroke: #d0d7de; stroke-width: 1; }
.likeness-plot text { fill: #1f2328; }
.likeness-plot .curve { fill: none; stroke: #0969da; stroke-width: 2; }
.likeness-plot .curve.second { stroke: #cf5b00; }
.likeness-plot .curve.guide { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 4; }
.likeness-plot .mark { fill: #0969da; }
.likeness-plot .mark.second { fill: #cf5b00; }
.likeness-plot .mark.guide { fill: #8c959f; }
.likeness-plot .bar { fill-opacity: 0.35; }
@media (prefers-color-scheme: dark) {
.likeness-plot .paper { fill: #0d1117; }
.likeness-plot .grid { stroke: #30363d; }
.likeness-plot text { fill: #e6edf3; }
.likeness-plot .curve { stroke: #58a6ff; }
.likeness-plot .curve.second { stroke: #f0883e; }
.likeness-plot .mark { fill: #58a6ff; }
.likeness-plot .mark.second { fill: #f0883e; }
}
</style>
)";

const char* suffix(PlotKind kind) {
  switch (kind) {
    case PlotKind::first:
      return "";
    case PlotKind::second:
      return " second";
    case PlotKind::guide:
      return " guide";
  }
  return "";
}

std::string number(float value) {
  return fixed(value, 1);
}

std::string attribute(const char* name, float value) {
  return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string grid_line(float x1, float y1, float x2, float y2) {
  return "<line class=\"grid\"" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
         attribute("y2", y2) + "/>\n";
}

std::string text_at(float x, float y, const std::string& text, const char* anchor = "middle",
                    const std::string& more = "") {
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + anchor + "\"" +
         more + ">" + escaped(text) + "</text>\n";
}

/// How far along the axis a value lies, 0 to 1.
float share_of(double value, const PlotAxis& axis) {
  if (axis.logarithmic && value <= 0) return 0;
  const auto position = [&](double x) { return axis.logarithmic ? std::log10(x) : x; };
  const double share =
      (position(value) - position(axis.first)) / (position(axis.last) - position(axis.first));
  return static_cast<float>(std::clamp(share, 0.0, 1.0));
}

/// Appends `corner` unless it prolongs the last line; places are rounded to what is printed.
void add_corner(std::vector<Point>& corners, Point corner) {
  corner = {std::round(corner.x * 10) / 10, std::round(corner.y * 10) / 10};
  const auto aligned = [&](const Point& a, const Point& b) {
    return (a.x == b.x && b.x == corner.x) || (a.y == b.y && b.y == corner.y);
  };
  if (!corners.empty() && corners.back().x == corner.x && corners.back().y == corner.y) return;
  if (corners.size() > 1 && aligned(corners[corners.size() - 2], corners.back()))
    corners.pop_back();
  corners.push_back(corner);
}

std::string path(const std::vector<Point>& corners, PlotKind kind) {
  std::string text = std::string("<path class=\"curve") + suffix(kind) + "\" d=\"";
  for (std::size_t i = 0; i < corners.size(); ++i)
    text += (i == 0 ? "M" : "L") + number(corners[i].x) + " " + number(corners[i].y);
  return text + "\"/>\n";
}

}  // namespace

std::vector<PlotTick> decade_ticks(int lowest, int highest) {
  std::vector<PlotTick> ticks;
  for (int power = lowest; power <= highest; ++power)
    ticks.push_back({std::pow(10.0, power), power == 0 ? "1" : "1e" + std::to_string(power)});
  return ticks;
}

std::vector<PlotTick> even_ticks(double first, double last, double step, int digits) {
  LIKENESS_CHECK(step > 0);
  std::vector<PlotTick> ticks;
  for (int k = 0; first + k * step < last + step / 2; ++k)
    ticks.push_back({first + k * step, fixed(first + k * step, digits)});
  return ticks;
}

Plot::Plot(std::string description, PlotAxis x, PlotAxis y)
    : description_(std::move(description)), x_(std::move(x)), y_(std::move(y)) {
  LIKENESS_CHECK(x_.first != x_.last && y_.first != y_.last);
  for (const PlotTick& tick : x_.ticks) {
    const float at = place({tick.at, y_.first}).x;
    body_ += grid_line(at, kTop, at, kBottom) + text_at(at, kBottom + 20, tick.label);
  }
  for (const PlotTick& tick : y_.ticks) {
    const float at = place({x_.first, tick.at}).y;
    body_ += grid_line(kLeft, at, kRight, at) + text_at(kLeft - 8, at + 4, tick.label, "end");
  }
  body_ += text_at((kLeft + kRight) / 2, kBottom + 46, x_.title);
  const float middle = (kTop + kBottom) / 2;
  body_ += text_at(18, middle, y_.title, "middle",
                   " transform=\"rotate(-90 18 " + number(middle) + ")\"");
}

Point Plot::place(PlotPoint point) const {
  return {kLeft + share_of(point.x, x_) * (kRight - kLeft),
          kBottom - share_of(point.y, y_) * (kBottom - kTop)};
}

void Plot::add_line(std::span<const PlotPoint> points, PlotKind kind) {
  std::vector<Point> corners;
  for (const PlotPoint& point : points) add_corner(corners, place(point));
  if (!corners.empty()) body_ += path(corners, kind);
}

void Plot::add_staircase(std::span<const PlotPoint> points, PlotKind kind) {
  std::vector<Point> corners;
  for (const PlotPoint& point : points) {
    const Point corner = place(point);
    if (!corners.empty()) add_corner(corners, {corner.x, corners.back().y});
    add_corner(corners, corner);
  }
  if (!corners.empty()) body_ += path(corners, kind);
}

void Plot::add_dot(PlotPoint at, PlotKind kind) {
  const Point centre = place(at);
  body_ += std::string("<circle class=\"mark") + suffix(kind) + "\"" + attribute("cx", centre.x) +
           attribute("cy", centre.y) + " r=\"4\"/>\n";
}

void Plot::add_bar(double left, double right, double bottom, double top, PlotKind kind) {
  const Point corner = place({left, top});
  const Point opposite = place({right, bottom});
  body_ += std::string("<rect class=\"bar mark") + suffix(kind) + "\"" + attribute("x", corner.x) +
           attribute("y", corner.y) + attribute("width", opposite.x - corner.x) +
           attribute("height", opposite.y - corner.y) + "/>\n";
}

void Plot::add_label(PlotPoint at, float right, float down, const std::string& text) {
  const Point corner = place(at);
  body_ += text_at(corner.x + right, corner.y + down, text, "start");
}

void Plot::add_note(const std::string& text) {
  notes_.push_back(text);
}

void Plot::add_legend(const std::string& text, PlotKind kind) {
  const float y = kTop + 22 + 20 * static_cast<float>(legends_++);
  const std::vector<Point> sample = {{kLeft + 14, y - 4}, {kLeft + 38, y - 4}};
  body_ += path(sample, kind) + text_at(kLeft + 46, y, text, "start");
}

std::string Plot::svg() const {
  std::string notes;
  float y = kBottom - 14 - 20 * (static_cast<float>(notes_.size()) - 1);
  for (const std::string& note : notes_) {
    notes += text_at(kRight - 12, y, note, "end");
    y += 20;
  }
  const std::string size = std::to_string(kWidth) + "\" height=\"" + std::to_string(kHeight) +
                           "\" viewBox=\"0 0 " + std::to_string(kWidth) + " " +
                           std::to_string(kHeight);
  return "<svg class=\"likeness-plot\" xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size +
         "\" role=\"img\" aria-label=\"" + escaped(description_) + "\">\n" + kStyle +
         "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + body_ + notes + "</svg>\n";
}

}  // namespace likeness
