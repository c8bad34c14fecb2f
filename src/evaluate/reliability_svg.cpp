#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/reliability.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

/// Bars rise to a quarter of the plot; on a logarithmic scale, since most pairs are in the
/// outermost bins.
constexpr double kTallestBar = 0.25;

std::int64_t largest_bin(std::span<const NamedReliability> named) {
  std::int64_t largest = 1;
  for (const NamedReliability& one : named)
    for (const ReliabilityBin& bin : one.reliability.bins) largest = std::max(largest, bin.pairs);
  return largest;
}

/// Bars of several share the width of a bin.
void add_counts(Plot& plot, std::span<const NamedReliability> named) {
  const double scale = kTallestBar / std::log1p(static_cast<double>(largest_bin(named)));
  const auto count = static_cast<double>(named.size());
  for (std::size_t i = 0; i < named.size(); ++i)
    for (const ReliabilityBin& bin : named[i].reliability.bins) {
      if (bin.pairs == 0) continue;
      const double width = (bin.high - bin.low) / count;
      const double left = bin.low + static_cast<double>(i) * width;
      plot.add_bar(left, left + width, 0, scale * std::log1p(static_cast<double>(bin.pairs)),
                   i == 0 ? PlotKind::first : PlotKind::second);
    }
}

}  // namespace

std::string reliability_svg(std::span<const NamedReliability> named) {
  LIKENESS_CHECK(named.size() == 1 || named.size() == 2);
  Plot plot("Reliability: share of pairs of one person against the probability they were given",
            {.title = "probability that a pair was given (mean of a bin)",
             .ticks = even_ticks(0, 1, 0.2, 1)},
            {.title = "share that shows one person", .ticks = even_ticks(0, 1, 0.2, 1)});
  add_counts(plot, named);
  const std::vector<PlotPoint> diagonal = {{0, 0}, {1, 1}};
  plot.add_line(diagonal, PlotKind::guide);
  for (std::size_t i = 0; i < named.size(); ++i) {
    const PlotKind kind = i == 0 ? PlotKind::first : PlotKind::second;
    std::vector<PlotPoint> points;
    for (const ReliabilityBin& bin : named[i].reliability.bins)
      if (bin.pairs > 0) points.push_back({bin.probability, bin.share});
    plot.add_line(points, kind);
    for (const PlotPoint& point : points) plot.add_dot(point, kind);
    plot.add_legend(named[i].name + ": calibration error " + fixed(named[i].reliability.ece, 4),
                    kind);
  }
  plot.add_note("bars: pairs in each bin, logarithmic");
  return plot.svg();
}

}  // namespace likeness
