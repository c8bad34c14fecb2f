#include "style/stages.h"

#include <cmath>

#include <likeness/style/views.h>

namespace likeness {
namespace {

/// What sizes below the final one may take together, of all iterations and of all time. An
/// iteration costs a quarter at half the size.
constexpr double kCoarseIterations = 0.4;
constexpr double kCoarseTime = 0.25;
constexpr double kShareFromPicture = 0.5;  ///< of that
/// What is left for several views, of the final size's iterations and of all time. In four views an
/// iteration costs four times as much, and as many evaluations come before the first.
constexpr double kViewedIterations = 0.055;
constexpr double kViewedTime = 0.15;
constexpr std::size_t kViewsOfOneStep = 2;

}  // namespace

std::vector<Stage> stages_of(const std::vector<Size>& sizes, const StagePlan& plan) {
  std::vector<Stage> stages;
  const auto coarse = static_cast<int>(sizes.size()) - 1;
  const double share = plan.from_picture ? kShareFromPicture : 1;
  int left = plan.iterations;
  for (int i = 0; i < coarse; ++i) {
    const int part =
        static_cast<int>(std::lround(share * kCoarseIterations * plan.iterations)) / coarse;
    stages.push_back({.size = sizes[static_cast<std::size_t>(i)],
                      .iterations = part,
                      .until = share * kCoarseTime * (i + 1) / coarse});
    left -= part;
  }
  const int viewed = plan.views == 1 ? 0 : static_cast<int>(std::lround(kViewedIterations * left));
  stages.push_back({.size = sizes.back(), .iterations = left - viewed});
  if (viewed == 0) return stages;
  stages.back().until = 1 - kViewedTime;
  stages.push_back({.size = sizes.back(),
                    .views = plan.views.value_or(viewed > 1 ? kViews.size() : kViewsOfOneStep),
                    .iterations = viewed});
  return stages;
}

}  // namespace likeness
