#include "descent_race.h"

#include <algorithm>

#include <likeness/style/one_pass.h>
#include <likeness/style/stylise.h>

namespace likeness::bench {
namespace {

/// The first descent finds what oneDNN compiles and the heap gives; later ones have it. It has all
/// stages that the others have.
constexpr int kWarmUp = 46;

}  // namespace

double cost_by(Yardstick yardstick, const Descent& descent) {
  return yardstick == Yardstick::own ? descent.cost : descent.judged;
}

DescentRace::DescentRace(const PerceptualNetwork& network, const PerceptualNetwork& judge,
                         const Image& content, const Image& style)
    : network_(network),
      judge_(judge),
      content_(content),
      style_(style),
      judged_content_(judge_picture(judge, content)),
      judged_style_(judge_picture(judge, style)) {
  descend({}, kWarmUp);
}

Descent DescentRace::from_pass(const OnePassPainter& painter) const {
  Progress silent;
  const OnePassResult pass =
      paint_in_one_pass(painter, content_, {{.picture = style_}}, {}, silent, nullptr);
  Descent descent = descend(pass.picture, kIterations);
  descent.seconds += pass.seconds;
  return descent;
}

std::pair<int, Descent> DescentRace::as_far_from_content(double cost, Yardstick yardstick) {
  const auto reached = [&](int iterations) {
    return cost_by(yardstick, from_content(iterations)) <= cost;
  };
  int too_few = 0;
  int enough = kIterations;
  while (!reached(enough) && enough < 10 * kIterations) {
    too_few = enough;
    enough += enough / 2;
  }
  while (too_few > 0 && enough - too_few > std::max(1, enough / 20)) {
    const int middle = (too_few + enough) / 2;
    (reached(middle) ? enough : too_few) = middle;
  }
  return {enough, from_content(enough)};
}

const Descent& DescentRace::from_content(int iterations) {
  const auto known = from_content_.find(iterations);
  if (known != from_content_.end()) return known->second;
  return from_content_[iterations] = descend({}, iterations);
}

Descent DescentRace::descend(const Image& start, int iterations) const {
  Progress silent;
  StyliseOptions options;
  options.size = std::max(content_.width(), content_.height());
  options.iterations = iterations;
  options.tolerance = 0;
  if (!start.empty()) options.start = StyleStart::picture;
  options.start_picture = start;
  const StyliseResult result =
      stylise(network_, content_, {{.picture = style_}}, options, silent, nullptr);
  const StyleMeasures judged =
      measure_style(judge_picture(judge_, result.picture), judged_content_, judged_style_);
  return {.cost = result.costs.total,
          .judged = judged.total(options.weights.style),
          .seconds = result.seconds};
}

}  // namespace likeness::bench
