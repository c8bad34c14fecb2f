#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/verifier.h>

namespace likeness {
namespace {

float choose_threshold(const std::optional<Calibration>& calibration,
                       const VerifierOptions& options) {
  if (options.threshold && options.fmr)
    throw Error(ErrorCode::invalid_argument,
                "a threshold and a false-match rate were given; give one of them");
  if (!options.threshold && !calibration)
    throw Error(ErrorCode::invalid_argument,
                "the model is not calibrated, so that nobody knows what a distance means, nor the "
                "threshold of a false-match rate; give a threshold (squared distance, 0 to 4)");
  if (options.fmr) return calibration->threshold_at(*options.fmr);
  if (!options.threshold) return calibration->default_threshold;
  if (!(*options.threshold >= 0 && *options.threshold <= 4))
    throw Error(ErrorCode::invalid_argument,
                "threshold " + std::to_string(*options.threshold) +
                    ": a squared distance lies between 0 (the same picture) and 4");
  return *options.threshold;
}

}  // namespace

Verifier::Verifier(std::optional<Calibration> calibration, const VerifierOptions& options)
    : calibration_(std::move(calibration)),
      threshold_(choose_threshold(calibration_, options)),
      fmr_(calibration_ ? std::optional(calibration_->fmr_at(threshold_)) : std::nullopt) {}

Verification Verifier::compare(std::span<const float> a, std::span<const float> b) const {
  return judge(squared_distance(a, b));
}

Verification Verifier::judge(float distance) const {
  Verification result{.same_person = distance <= threshold_,
                      .distance = distance,
                      .threshold = threshold_,
                      .fmr = fmr_};
  if (calibration_) result.probability = calibration_->probability(distance);
  return result;
}

}  // namespace likeness
