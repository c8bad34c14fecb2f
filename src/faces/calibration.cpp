#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <sstream>

#include <likeness/core/error.h>
#include <likeness/faces/calibration.h>
#include <likeness/faces/logistic.h>

namespace likeness {
namespace {

constexpr int kPointsPerDecade = 10;

/// `value` with so many significant digits, for people.
std::string readable(double value, int digits = 3) {
  std::ostringstream text;
  text.precision(digits);
  text << value;
  return text.str();
}

/// Refuses rates below `finest`, which so many pairs support.
void check_rate(double fmr, double finest, std::int64_t pairs, const std::string& model) {
  if (!(fmr > 0 && fmr < 1))
    throw Error(ErrorCode::invalid_argument, "false-match rate " + readable(fmr) +
                                                 ": must lie between 0 and 1, for example 1e-3");
  // So that the rate named below, in three digits, is accepted.
  constexpr double kTolerance = 0.005;
  if (fmr < finest * (1 - kTolerance))
    throw Error(ErrorCode::invalid_argument,
                "false-match rate " + readable(fmr) + ": the " + std::to_string(pairs) +
                    " pairs of different people that " + model + " is calibrated on support " +
                    readable(finest) + " and above; it would take at least " +
                    readable(std::ceil(kFewestFalseMatches / fmr), 15) + " pairs");
}

/// y at `x` on the straight line through two points; `y0` when they share their x.
double interpolate(double x, double x0, double y0, double x1, double y1) {
  return x1 > x0 ? y0 + (x - x0) / (x1 - x0) * (y1 - y0) : y0;
}

}  // namespace

std::vector<OperatingPoint> operating_points(std::vector<float> impostor) {
  LIKENESS_CHECK(!impostor.empty());
  std::sort(impostor.begin(), impostor.end());
  const auto pairs = static_cast<double>(impostor.size());
  const double finest = std::min(1.0, kFewestFalseMatches / pairs);
  std::vector<OperatingPoint> points;
  for (int step = 0;; ++step) {
    const double fmr =
        std::max(std::pow(10.0, -static_cast<double>(step) / kPointsPerDecade), finest);
    const auto accepted = static_cast<std::size_t>(std::llround(fmr * pairs));
    const float threshold = impostor[accepted - 1];
    const auto up_to = std::upper_bound(impostor.begin(), impostor.end(), threshold);
    // Equal distances, and rates that round to the same pair, give one point.
    if (points.empty() || threshold < points.back().threshold)
      points.push_back({static_cast<double>(up_to - impostor.begin()) / pairs, threshold});
    if (fmr <= finest) break;
  }
  std::reverse(points.begin(), points.end());
  return points;
}

float Calibration::threshold_at(double fmr) const {
  LIKENESS_CHECK(!points.empty());
  check_rate(fmr, points.front().fmr, impostor_pairs, model);
  const auto above = std::find_if(points.begin(), points.end(),
                                  [&](const OperatingPoint& point) { return point.fmr >= fmr; });
  if (above == points.end()) return points.back().threshold;
  if (above == points.begin()) return points.front().threshold;
  const OperatingPoint& below = *(above - 1);
  return static_cast<float>(interpolate(std::log(fmr), std::log(below.fmr), below.threshold,
                                        std::log(above->fmr), above->threshold));
}

double fmr_at(const std::vector<OperatingPoint>& points, float threshold) {
  LIKENESS_CHECK(!points.empty());
  const auto above = std::find_if(points.begin(), points.end(), [&](const OperatingPoint& point) {
    return point.threshold >= threshold;
  });
  if (above == points.end()) return points.back().fmr;
  if (above == points.begin()) return points.front().fmr;
  const OperatingPoint& below = *(above - 1);
  return std::exp(interpolate(threshold, below.threshold, std::log(below.fmr), above->threshold,
                              std::log(above->fmr)));
}

double Calibration::fmr_at(float threshold) const {
  return likeness::fmr_at(points, threshold);
}

double Calibration::probability(float distance) const {
  if (!curve.empty()) return curve.at(distance);
  return LogisticUnit{{slope}, offset}.probability({&distance, 1});
}

void require_supported(double fmr, std::int64_t impostor_pairs, const std::string& model) {
  const double pairs = std::max(static_cast<double>(impostor_pairs), 1.0);
  check_rate(fmr, kFewestFalseMatches / pairs, impostor_pairs, model);
}

Calibration fit_calibration(const std::string& model, const std::vector<float>& genuine,
                            std::vector<float> impostor, ProbabilityForm probability) {
  constexpr auto kFewestImpostors = std::size_t{2} * kFewestFalseMatches;
  if (impostor.size() < kFewestImpostors)
    throw Error(ErrorCode::invalid_argument,
                "calibrating " + model + ": " + std::to_string(impostor.size()) +
                    " pairs of different people are too few; give at least " +
                    std::to_string(kFewestImpostors) + " (a rate of 1e-4 takes 100,000)");
  const LogisticUnit unit = fit_logistic({.genuine = {genuine}, .impostor = {impostor}});
  if (unit.slopes.front() <= 0)
    throw Error(ErrorCode::invalid_argument,
                "calibrating " + model +
                    ": pairs of one person do not lie closer together than pairs of different "
                    "people; are the pictures sorted into the right folders?");

  LIKENESS_CHECK(std::all_of(impostor.begin(), impostor.end(),
                             [](float distance) { return distance >= 0 && distance <= 4; }));
  Calibration result;
  result.model = model;
  result.genuine_pairs = static_cast<std::int64_t>(genuine.size());
  result.impostor_pairs = static_cast<std::int64_t>(impostor.size());
  result.points = operating_points(impostor);
  result.slope = unit.slopes.front();
  result.offset = unit.offset;
  if (probability == ProbabilityForm::isotonic) result.curve = fit_isotonic(genuine, impostor);
  result.default_threshold = best_threshold(genuine, std::move(impostor), Balance::classes);
  return result;
}

float best_threshold(std::vector<float> genuine, std::vector<float> impostor, Balance balance) {
  if (genuine.empty() || impostor.empty())
    throw Error(ErrorCode::invalid_argument,
                std::string("choosing a threshold needs pairs of both classes: there are no pairs "
                            "of ") +
                    (genuine.empty() ? "one person" : "different people"));
  std::sort(genuine.begin(), genuine.end());
  std::sort(impostor.begin(), impostor.end());
  LIKENESS_CHECK(std::isfinite(genuine.back()) && std::isfinite(impostor.back()));
  // Whole-number weights keep the sums exact, so that equally good gaps compare equal.
  const bool by_class = balance == Balance::classes;
  const double gain = by_class ? static_cast<double>(impostor.size()) : 1;
  const double loss = by_class ? static_cast<double>(genuine.size()) : 1;

  // Sweep the threshold upwards over the distinct distances; the score counts from "accept none".
  const float lowest = std::min(genuine.front(), impostor.front());
  std::vector<float> best = {std::nextafter(lowest, lowest - 1)};
  double best_score = 0;
  std::size_t g = 0;
  std::size_t i = 0;
  while (g < genuine.size() || i < impostor.size()) {
    const bool from_genuine =
        i == impostor.size() || (g < genuine.size() && genuine[g] <= impostor[i]);
    const float at = from_genuine ? genuine[g] : impostor[i];
    while (g < genuine.size() && genuine[g] == at) ++g;
    while (i < impostor.size() && impostor[i] == at) ++i;
    const double score = gain * static_cast<double>(g) - loss * static_cast<double>(i);
    if (score < best_score) continue;

    float next = at;
    if (g < genuine.size()) next = genuine[g];
    if (i < impostor.size()) next = g < genuine.size() ? std::min(next, impostor[i]) : impostor[i];
    const float middle = at + (next - at) / 2;
    if (score > best_score) best.clear();
    best_score = score;
    best.push_back(middle < next ? middle : at);
  }
  return best[(best.size() - 1) / 2];
}

}  // namespace likeness
