#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include <likeness/core/error.h>
#include <likeness/gallery/open_set.h>

namespace likeness {
namespace {

constexpr double kDefaultFpir = 1e-2;

/// A rate that rests on fewer pairs is decided by the handful of pairs in any collection that show
/// one person under two names.
constexpr double kFewestMatches = 100;
/// Over so many times that rate the slope of the tail is taken.
constexpr double kSlopeRange = 100;

/// log FMR over the distance below the finest trusted rate.
struct Tail {
  double distance = 0;  ///< where it begins
  double log_fmr = 0;
  double slope = 0;  ///< d log FMR / d distance, ≥ 0
};

Tail tail_of(const Calibration& calibration) {
  const double trusted = kFewestMatches / static_cast<double>(calibration.impostor_pairs);
  const OperatingPoint* finest = &calibration.points.back();
  for (const OperatingPoint& point : calibration.points)
    if (point.fmr >= trusted) {
      finest = &point;
      break;
    }
  const OperatingPoint* other = &calibration.points.back();
  for (const OperatingPoint& point : calibration.points)
    if (point.fmr >= kSlopeRange * finest->fmr) {
      other = &point;
      break;
    }
  const double run = static_cast<double>(other->threshold) - finest->threshold;
  const double rise = std::log(other->fmr) - std::log(finest->fmr);
  return {finest->threshold, std::log(finest->fmr), run > 0 ? rise / run : 0};
}

float threshold_at(const Calibration& calibration, double fmr) {
  const Tail tail = tail_of(calibration);
  if (std::log(fmr) >= tail.log_fmr) return calibration.threshold_at(fmr);
  if (tail.slope <= 0) return 0;
  return static_cast<float>(
      std::max(0.0, tail.distance + (std::log(fmr) - tail.log_fmr) / tail.slope));
}

double fmr_at(const Calibration& calibration, float threshold) {
  const Tail tail = tail_of(calibration);
  if (threshold >= tail.distance) return calibration.fmr_at(threshold);
  return std::exp(tail.log_fmr + tail.slope * (threshold - tail.distance));
}

[[noreturn]] void refuse(const std::string& what, double value, const std::string& needed) {
  std::ostringstream text;
  text << what << " " << value << ": " << needed;
  throw Error(ErrorCode::invalid_argument, text.str());
}

}  // namespace

OpenSetRule::OpenSetRule(std::optional<Calibration> calibration, std::int64_t examples,
                         const OpenSetOptions& options)
    : calibration_(std::move(calibration)) {
  LIKENESS_CHECK(examples >= 0);
  const auto count = static_cast<double>(std::max<std::int64_t>(examples, 1));
  if (options.fpir && options.threshold)
    throw Error(ErrorCode::invalid_argument, "give --fpir or --threshold, not both");
  if (options.threshold && !(*options.threshold >= 0 && *options.threshold <= 4))
    refuse("threshold", *options.threshold, "squared distances lie between 0 and 4");
  const double wanted = options.fpir.value_or(kDefaultFpir);
  if (!(wanted > 0 && wanted < 1))
    refuse("FPIR", wanted, "must lie between 0 and 1, for example 1e-2");
  if (!calibration_) {
    if (!options.threshold)
      throw Error(ErrorCode::invalid_argument,
                  "this model is not calibrated, so no threshold is known: give --threshold, or "
                  "run likeness calibrate");
    threshold_ = *options.threshold;
    return;
  }
  // expm1 and log1p: rates of 1e-12 are far below the precision of 1 − x.
  const double fmr = -std::expm1(std::log1p(-wanted) / count);
  threshold_ = options.threshold.value_or(threshold_at(*calibration_, fmr));
  const double rate = std::min(fmr_at(*calibration_, threshold_), 1 - 1e-12);
  fpir_ = options.threshold ? -std::expm1(count * std::log1p(-rate)) : wanted;
  extrapolated_ = threshold_ < tail_of(*calibration_).distance;
}

std::optional<double> OpenSetRule::probability(float distance) const {
  if (!calibration_) return {};
  return calibration_->probability(distance);
}

Identification identify(std::span<const Neighbour> neighbours, const OpenSetRule& rule,
                        std::size_t top) {
  Identification answer;
  std::set<std::string> seen;
  for (const Neighbour& neighbour : neighbours) {
    if (!seen.insert(neighbour.subject).second) continue;
    const Match match = {neighbour.subject, neighbour.example, neighbour.distance,
                         rule.probability(neighbour.distance)};
    if (!answer.nearest) answer.nearest = match;
    if (neighbour.distance > rule.threshold()) break;
    if (answer.matches.size() < top) answer.matches.push_back(match);
    answer.ambiguous = seen.size() > 1;
  }
  return answer;
}

Identification identify(Gallery& gallery, std::span<const float> probe, const OpenSetRule& rule,
                        std::size_t top) {
  // Two people at least, to see whether the answer is ambiguous.
  const std::size_t people = std::max<std::size_t>(top, 2);
  for (std::size_t count = 2 * people + 6;; count *= 4) {
    const std::vector<Neighbour> neighbours = gallery.nearest(probe, count);
    std::set<std::string> subjects;
    for (const Neighbour& neighbour : neighbours) subjects.insert(neighbour.subject);
    const bool all = neighbours.size() < count || subjects.size() >= people ||
                     neighbours.back().distance > rule.threshold();
    if (all) return identify(neighbours, rule, top);
  }
}

}  // namespace likeness
