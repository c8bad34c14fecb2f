#include "style/stages.h"

#include <cmath>

namespace likeness {
namespace {

/// What sizes below the final one may take together, of all iterations and of all time. An
/// iteration costs a quarter at half the size.
constexpr double kCoarseIterations = 0.4;
constexpr double kCoarseTime = 0.25;
/// What is left for several views, of the final size's iterations and of all time. In four views an
/// iteration costs four times as much.
constexpr double kViewedIterations = 0.055;
constexpr double kViewedTime = 0.15;

}  // namespace

std::vector<Stage> stages_of(const std::vector<Size>& sizes, int iterations, std::size_t views) {
  std::vector<Stage> stages;
  const auto coarse = static_cast<int>(sizes.size()) - 1;
  int left = iterations;
  for (int i = 0; i < coarse; ++i) {
    const int share = static_cast<int>(std::lround(kCoarseIterations * iterations)) / coarse;
    stages.push_back({.size = sizes[static_cast<std::size_t>(i)],
                      .iterations = share,
                      .until = kCoarseTime * (i + 1) / coarse});
    left -= share;
  }
  const int viewed = views > 1 ? static_cast<int>(std::lround(kViewedIterations * left)) : 0;
  stages.push_back({.size = sizes.back(), .iterations = left - viewed});
  if (viewed == 0) return stages;
  stages.back().until = 1 - kViewedTime;
  stages.push_back({.size = sizes.back(), .views = views, .iterations = viewed});
  return stages;
}

}  // namespace likeness
