#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <likeness/core/error.h>
#include <likeness/faces/isotonic.h>

namespace likeness {
namespace {

/// Neighbouring pairs that get one probability. Counts keep comparisons exact.
struct Step {
  double first = 0;  ///< smallest and
  double last = 0;   ///< largest number in it
  std::int64_t genuine = 0;
  std::int64_t impostor = 0;
};

Step pooled(const Step& a, const Step& b) {
  return {a.first, b.last, a.genuine + b.genuine, a.impostor + b.impostor};
}

/// Appends `step` and pools backwards until the shares of genuine pairs fall again.
void push(std::vector<Step>& steps, Step step) {
  const auto falls = [&](const Step& before) {
    return before.genuine * step.impostor > step.genuine * before.impostor;
  };
  while (!steps.empty() && !falls(steps.back())) {
    step = pooled(steps.back(), step);
    steps.pop_back();
  }
  steps.push_back(step);
}

/// What a step is worth: classes weigh one half each, targets are Platt's.
class Weighing {
 public:
  Weighing(std::size_t genuine, std::size_t impostor)
      : genuine_(static_cast<double>(genuine)), impostor_(static_cast<double>(impostor)) {}

  double weight(const Step& step) const { return genuine_weight(step) + impostor_weight(step); }
  double probability(const Step& step) const {
    const double high = (genuine_ + 1) / (genuine_ + 2);
    const double low = 1 / (impostor_ + 2);
    return (high * genuine_weight(step) + low * impostor_weight(step)) / weight(step);
  }

 private:
  double genuine_weight(const Step& step) const {
    return 0.5 * static_cast<double>(step.genuine) / genuine_;
  }
  double impostor_weight(const Step& step) const {
    return 0.5 * static_cast<double>(step.impostor) / impostor_;
  }

  double genuine_;
  double impostor_;
};

/// The number of members of a sorted class that equal `value`, from position `from` on.
std::size_t run_length(const std::vector<float>& sorted, std::size_t from, float value) {
  std::size_t end = from;
  while (end < sorted.size() && sorted[end] == value) ++end;
  return end - from;
}

/// One step for each different number, pooled. Requires sorted classes.
std::vector<Step> pool_violators(const std::vector<float>& genuine,
                                 const std::vector<float>& impostor) {
  std::vector<Step> steps;
  std::size_t g = 0;
  std::size_t i = 0;
  while (g < genuine.size() || i < impostor.size()) {
    const bool from_genuine =
        i == impostor.size() || (g < genuine.size() && genuine[g] <= impostor[i]);
    const float at = from_genuine ? genuine[g] : impostor[i];
    const std::size_t same = run_length(genuine, g, at);
    const std::size_t different = run_length(impostor, i, at);
    push(steps, {at, at, static_cast<std::int64_t>(same), static_cast<std::int64_t>(different)});
    g += same;
    i += different;
  }
  return steps;
}

/// Pools the two neighbours whose union adds least to the squared error (Ward 1963), until there
/// are few enough.
void limit_steps(std::vector<Step>& steps, const Weighing& weighing) {
  const auto loss = [&](std::size_t i) {
    const double difference = weighing.probability(steps[i]) - weighing.probability(steps[i + 1]);
    const double a = weighing.weight(steps[i]);
    const double b = weighing.weight(steps[i + 1]);
    return a * b / (a + b) * difference * difference;
  };
  while (steps.size() > static_cast<std::size_t>(kMostSteps)) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < steps.size(); ++i)
      if (loss(i) < loss(best)) best = i;
    steps[best] = pooled(steps[best], steps[best + 1]);
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

void check_class(const std::vector<float>& values, const char* what) {
  if (values.empty())
    throw Error(ErrorCode::invalid_argument,
                std::string("a probability needs pairs of both classes: there are no ") + what);
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); }))
    throw Error(ErrorCode::invalid_argument,
                std::string("a distance among the ") + what + " is not a finite number");
}

}  // namespace

std::string_view to_string(ProbabilityForm form) {
  return form == ProbabilityForm::logistic ? "logistic" : "isotonic";
}

ProbabilityForm parse_probability_form(std::string_view name) {
  for (const ProbabilityForm form : {ProbabilityForm::logistic, ProbabilityForm::isotonic})
    if (to_string(form) == name) return form;
  throw Error(ErrorCode::invalid_argument,
              "probability '" + std::string(name) + "' is not known; use isotonic or logistic");
}

double ProbabilityCurve::at(double x) const {
  LIKENESS_CHECK(!knots.empty());
  const auto above = std::find_if(knots.begin(), knots.end(),
                                  [&](const ProbabilityKnot& knot) { return knot.at >= x; });
  if (above == knots.end()) return knots.back().probability;
  if (above == knots.begin()) return knots.front().probability;
  const ProbabilityKnot& below = *(above - 1);
  const double share = (x - below.at) / (above->at - below.at);
  return below.probability + share * (above->probability - below.probability);
}

ProbabilityCurve fit_isotonic(std::vector<float> genuine, std::vector<float> impostor) {
  check_class(genuine, "pairs of one person");
  check_class(impostor, "pairs of different people");
  std::sort(genuine.begin(), genuine.end());
  std::sort(impostor.begin(), impostor.end());
  const Weighing weighing(genuine.size(), impostor.size());
  std::vector<Step> steps = pool_violators(genuine, impostor);
  limit_steps(steps, weighing);
  ProbabilityCurve curve;
  for (const Step& step : steps) {
    const double probability = weighing.probability(step);
    curve.knots.push_back({step.first, probability});
    if (step.last > step.first) curve.knots.push_back({step.last, probability});
  }
  return curve;
}

}  // namespace likeness
