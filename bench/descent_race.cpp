#include "descent_race.h"

#include <algorithm>
#include <limits>

#include <likeness/style/one_pass.h>
#include <likeness/style/stylise.h>

namespace likeness::bench {
namespace {

/// The first descent finds what oneDNN compiles and the heap gives; later ones have it. It has all
/// stages that the others have.
constexpr int kWarmUp = 46;

/// Machines are shared: each descent is timed so often, in turn with the other, and its best time
/// counts.
constexpr int kTurns = 2;

}  // namespace

double cost_by(Yardstick yardstick, const Descent& descent) {
  return yardstick == Yardstick::own ? descent.cost : descent.judged;
}

DescentRace::DescentRace(const PerceptualNetwork& network, const PerceptualNetwork& judge,
                         const OnePassPainter& painter, const Image& content, const Image& style)
    : network_(network),
      judge_(judge),
      painter_(painter),
      content_(content),
      style_(style),
      judged_content_(judge_picture(judge, content)),
      judged_style_(judge_picture(judge, style)) {
  descend({}, kWarmUp);
  from_pass();
}

Descent DescentRace::from_pass() const {
  Progress silent;
  const OnePassResult pass =
      paint_in_one_pass(painter_, content_, {{.picture = style_}}, {}, silent, nullptr);
  Descent descent = descend(pass.picture, kIterations);
  descent.seconds += pass.seconds;
  return descent;
}

RaceResult DescentRace::race(Yardstick yardstick) {
  RaceResult result{.from_pass = from_pass(), .from_content = {}};
  const double cost = cost_by(yardstick, result.from_pass);
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
  result.iterations = enough;
  result.from_content = from_content(enough);
  const auto time_again = [](double& best, const Descent& descent) {
    best = std::min(best, descent.seconds);
  };
  result.from_pass.seconds = result.from_content.seconds = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < kTurns; ++turn) {
    time_again(result.from_content.seconds, descend({}, enough));
    time_again(result.from_pass.seconds, from_pass());
  }
  return result;
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
