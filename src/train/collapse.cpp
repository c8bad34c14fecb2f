#include <cmath>

#include <likeness/train/collapse.h>

namespace likeness {
namespace {

/// Steps in a row until a state counts as permanent.
constexpr std::int64_t kPatience = 100;
/// Real encodings of a P×K batch have a variance of 0.5 to 1.
constexpr double kFewestVariance = 0.02;
/// How close to the margin the loss sticks, and how little the two distances differ, as shares of
/// the margin.
constexpr double kCloseToMargin = 0.02;
constexpr double kEqualDistances = 0.02;

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2g", value);
  return text;
}

constexpr const char* kAdvice =
    "; lower --learning-rate, lengthen --warm-up, take easier triplets (--mining semi-hard or "
    "batch-all) or --loss triplet-soft, or start from a trained network (--init)";

}  // namespace

CollapseWatch::CollapseWatch(const TripletLossOptions& loss) : loss_(loss) {}

std::optional<std::string> CollapseWatch::look_at(const StepMeasures& m) {
  without_variance_ = m.variance < kFewestVariance ? without_variance_ + 1 : 0;
  const bool stuck = !loss_.soft_margin && m.mining.triplets > 0 &&
                     std::abs(m.loss - loss_.margin) < kCloseToMargin * loss_.margin &&
                     std::abs(m.mining.negative_distance - m.mining.positive_distance) <
                         kEqualDistances * loss_.margin;
  at_the_margin_ = stuck ? at_the_margin_ + 1 : 0;
  if (said_) return std::nullopt;
  const std::string since = " for " + std::to_string(kPatience) + " steps";
  if (without_variance_ >= kPatience) {
    said_ = true;
    return "collapse: all faces are encoded alike (variance " + rounded(m.variance) + since + ")" +
           kAdvice;
  }
  if (at_the_margin_ >= kPatience) {
    said_ = true;
    return "collapse: the loss sticks at the margin (" + rounded(m.loss) + since +
           "), both distances of a triplet are equal" + kAdvice;
  }
  return std::nullopt;
}

}  // namespace likeness
