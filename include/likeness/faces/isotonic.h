#pragma once

/// Isotonic regression: the probability that a pair shows one person, as a curve of any shape that
/// only ever falls when the distance grows. Beside the logistic unit (faces/logistic.h), which
/// knows one shape, it fits tails that are heavier than the logistic's and needs a few thousand
/// pairs. Values and pure functions, safe to use from many threads.
///
///     const ProbabilityCurve curve = fit_isotonic(genuine, impostor);
///     const double p = curve.at(distance);

#include <string_view>
#include <vector>

namespace likeness {

/// How a distance (or another number that grows as two faces grow apart) becomes a probability.
enum class ProbabilityForm {
  logistic,  ///< 1 / (1 + exp(slope · x + offset))
  isotonic,  ///< a falling curve of any shape
};

/// "logistic", "isotonic".
std::string_view to_string(ProbabilityForm form);
/// Throws Error(invalid_argument) that lists the names.
ProbabilityForm parse_probability_form(std::string_view name);

/// A point of the curve.
struct ProbabilityKnot {
  double at = 0;
  double probability = 0;
};

/// Straight lines between knots, constant beyond the first and the last. `at` rises strictly from
/// knot to knot, `probability` in [0, 1] never rises.
struct ProbabilityCurve {
  std::vector<ProbabilityKnot> knots;

  bool empty() const { return knots.empty(); }
  /// Requires a knot.
  double at(double x) const;
};

/// The falling step function with the least squared error by the pool-adjacent-violators algorithm
/// (Ayer et al. 1955; Zadrozny and Elkan 2002 for probabilities), joined by straight lines between
/// its steps. Genuine and impostor pairs weigh one half each, however many there are; equal numbers
/// belong together. As in fit_logistic the targets are Platt's, (n + 1)/(n + 2) and 1/(n + 2), so
/// that nothing is ever certain. Steps are at most kMostSteps; finer ones are pooled.
/// O(n log n). Throws Error(invalid_argument) when a class is empty or a number is not finite.
ProbabilityCurve fit_isotonic(std::vector<float> genuine, std::vector<float> impostor);

inline constexpr int kMostSteps = 200;

}  // namespace likeness
