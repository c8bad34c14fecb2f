#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <likeness/evaluate/report.h>
#include <likeness/image/geometry.h>

#include "evaluate/text.h"

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
.likeness-roc { font: 13px system-ui, sans-serif; }
.likeness-roc .paper { fill: #ffffff; }
.likeness-roc .grid { stroke: #d0d7de; stroke-width: 1; }
.likeness-roc text { fill: #1f2328; }
.likeness-roc .curve { fill: none; stroke: #0969da; stroke-width: 2; }
.likeness-roc .mark { fill: #cf5b00; }
@media (prefers-color-scheme: dark) {
.likeness-roc .paper { fill: #0d1117; }
.likeness-roc .grid { stroke: #30363d; }
.likeness-roc text { fill: #e6edf3; }
.likeness-roc .curve { stroke: #58a6ff; }
.likeness-roc .mark { fill: #f0883e; }
}
</style>
)";

/// Rates → places in the drawing.
class Axes {
 public:
  explicit Axes(const VerificationMeasures& measures) {
    // One decade below the finest rate that the impostor pairs can show.
    const auto impostor = static_cast<double>(measures.impostor);
    decades_ = std::clamp(static_cast<int>(std::ceil(std::log10(impostor))), 1, 9);
    // From the lowest point of the curve up, in round steps; at least the top twentieth.
    const double lowest = std::min(measures.roc.at_far(0).tar, 0.95);
    step_ = lowest < 0.5 ? 0.2 : lowest < 0.75 ? 0.1 : lowest < 0.9 ? 0.05 : 0.01;
    floor_ = std::floor(lowest / step_ + 1e-9) * step_;
  }

  int decades() const { return decades_; }
  double step() const { return step_; }
  double floor() const { return floor_; }

  float x(double far) const {
    const double share = far > 0 ? 1 + std::log10(far) / decades_ : 0;
    return kLeft + static_cast<float>(std::clamp(share, 0.0, 1.0)) * (kRight - kLeft);
  }
  float y(double tar) const {
    const double share = (tar - floor_) / (1 - floor_);
    return kBottom - static_cast<float>(std::clamp(share, 0.0, 1.0)) * (kBottom - kTop);
  }
  Point place(const RocPoint& point) const { return {x(point.far), y(point.tar)}; }

 private:
  int decades_;
  double step_;
  double floor_;
};

std::string number(float value) {
  return fixed(value, 1);
}

std::string line(float x1, float y1, float x2, float y2) {
  return "<line class=\"grid\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
         number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string label(float x, float y, const std::string& text, const char* anchor = "middle",
                  const char* more = "") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\"" +
         more + ">" + escaped(text) + "</text>\n";
}

std::string draw_grid(const Axes& axes) {
  std::string svg;
  for (int decade = 0; decade <= axes.decades(); ++decade) {
    const float x = axes.x(std::pow(10.0, -decade));
    svg += line(x, kTop, x, kBottom);
    svg += label(x, kBottom + 20, decade == 0 ? "1" : "1e-" + std::to_string(decade));
  }
  for (double tar = axes.floor(); tar < 1 + axes.step() / 2; tar += axes.step()) {
    svg += line(kLeft, axes.y(tar), kRight, axes.y(tar));
    svg += label(kLeft - 8, axes.y(tar) + 4, fixed(tar, 2), "end");
  }
  svg += label((kLeft + kRight) / 2, kBottom + 46, "false-match rate, FMR (FAR)");
  const float middle = (kTop + kBottom) / 2;
  const std::string turned = " transform=\"rotate(-90 18 " + number(middle) + ")\"";
  svg += label(18, middle, "true-match rate, 1 − FNMR (TAR)", "middle", turned.c_str());
  return svg;
}

/// A staircase: to the right when a stranger is accepted, up when a genuine pair is. Corners that
/// lie on a straight line, or closer together than can be seen, are left out.
std::string draw_curve(const Roc& roc, const Axes& axes) {
  std::vector<Point> corners;
  const auto add = [&](Point corner) {
    const auto aligned = [&](const Point& a, const Point& b) {
      return (a.x == b.x && b.x == corner.x) || (a.y == b.y && b.y == corner.y);
    };
    if (corners.size() > 1 && aligned(corners[corners.size() - 2], corners.back()))
      corners.pop_back();
    corners.push_back(corner);
  };
  const auto rounded = [](Point p) {
    return Point{std::round(p.x * 10) / 10, std::round(p.y * 10) / 10};
  };
  for (const RocPoint& point : roc.points) {
    const Point place = rounded(axes.place(point));
    if (!corners.empty()) add({place.x, corners.back().y});
    add(place);
  }
  std::string path = "<path class=\"curve\" d=\"";
  for (std::size_t i = 0; i < corners.size(); ++i)
    path += (i == 0 ? "M" : "L") + number(corners[i].x) + " " + number(corners[i].y);
  return path + "\"/>\n";
}

std::string draw_marks(const VerificationMeasures& measures, const Axes& axes) {
  std::string svg;
  for (const ReportedRate& rate : kReportedRates) {
    const RocPoint& point = measures.roc.at_far(rate.far);
    const Point place{axes.x(rate.far), axes.y(point.tar)};
    svg += "<circle class=\"mark\" cx=\"" + number(place.x) + "\" cy=\"" + number(place.y) +
           "\" r=\"4\"/>\n";
    svg += label(place.x + 8, place.y + 18,
                 percent(point.tar, 2) + " at FMR " + std::string(rate.name), "start");
  }
  svg += label(kRight - 12, kBottom - 34, "equal error rate " + percent(measures.eer, 2), "end");
  svg += label(kRight - 12, kBottom - 14, "area under the curve " + fixed(measures.auc, 5), "end");
  return svg;
}

}  // namespace

std::string roc_svg(const VerificationMeasures& measures) {
  const Axes axes(measures);
  const std::string size =
      " viewBox=\"0 0 " + std::to_string(kWidth) + " " + std::to_string(kHeight) + "\"";
  return "<svg class=\"likeness-roc\" xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
         std::to_string(kWidth) + "\" height=\"" + std::to_string(kHeight) + "\"" + size +
         " role=\"img\" aria-label=\"ROC: true-match rate against false-match rate\">\n" + kStyle +
         "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + draw_grid(axes) +
         draw_curve(measures.roc, axes) + draw_marks(measures, axes) + "</svg>\n";
}

}  // namespace likeness
