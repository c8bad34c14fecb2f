#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
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
                "threshold " + number_text(*options.threshold) +
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

PairVerifier::PairVerifier(PairClassifier classifier, double min_probability)
    : classifier_(std::move(classifier)), min_probability_(min_probability) {
  if (!(min_probability > 0 && min_probability < 1))
    throw Error(ErrorCode::invalid_argument, "probability " + std::to_string(min_probability) +
                                                 ": must lie between 0 and 1, for example 0.5");
  fmr_ = classifier_.fmr_at(min_probability);
}

Verification PairVerifier::compare(std::span<const float> a, std::span<const float> b) const {
  const double probability = classifier_.probability(a, b);
  return {.same_person = probability >= min_probability_,
          .distance = squared_distance(a, b),
          .threshold = 0,
          .probability = probability,
          .fmr = fmr_,
          .min_probability = min_probability_};
}

}  // namespace likeness
