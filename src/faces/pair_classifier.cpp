#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include <likeness/core/error.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/pair_classifier.h>

namespace likeness {
namespace {

/// (a − b)² / (a + b) for a, b ≥ 0.
float chi_squared(float a, float b) {
  const float sum = a + b;
  const float difference = a - b;
  return sum > 0 ? difference * difference / sum : 0;
}

}  // namespace

std::string_view to_string(PairForm form) {
  return form == PairForm::absolute ? "absolute" : "chi-squared";
}

PairForm parse_pair_form(std::string_view name) {
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared})
    if (to_string(form) == name) return form;
  throw Error(ErrorCode::invalid_argument,
              "form '" + std::string(name) + "' is not known; use absolute or chi-squared");
}

std::size_t pair_input_count(PairForm form, std::size_t dimensions) {
  return form == PairForm::absolute ? dimensions : 2 * dimensions;
}

void pair_inputs(PairForm form, std::span<const float> a, std::span<const float> b,
                 std::span<float> inputs) {
  const std::size_t n = a.size();
  LIKENESS_CHECK(b.size() == n && inputs.size() == pair_input_count(form, n));
  for (std::size_t k = 0; k < n; ++k) {
    if (form == PairForm::absolute) {
      inputs[k] = std::abs(a[k] - b[k]);
    } else {
      inputs[k] = chi_squared(std::max(a[k], 0.0F), std::max(b[k], 0.0F));
      inputs[n + k] = chi_squared(std::max(-a[k], 0.0F), std::max(-b[k], 0.0F));
    }
  }
}

double PairClassifier::dissimilarity(std::span<const float> a, std::span<const float> b) const {
  LIKENESS_CHECK(weights.size() == pair_input_count(form, a.size()));
  std::vector<float> inputs(weights.size());
  pair_inputs(form, a, b, inputs);
  double sum = -offset;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    sum += static_cast<double>(weights[k]) * inputs[k];
  return distance_weight == 0 ? sum : sum + distance_weight * squared_distance(a, b);
}

double PairClassifier::probability_of(double dissimilarity) const {
  if (!curve.empty()) return curve.at(dissimilarity);
  const double score = slope * dissimilarity + shift;
  const double tail = std::exp(-std::abs(score));
  return (score > 0 ? tail : 1) / (1 + tail);
}

double PairClassifier::probability(std::span<const float> a, std::span<const float> b) const {
  return probability_of(dissimilarity(a, b));
}

double PairClassifier::fmr_at(double least) const {
  if (probability_of(std::numeric_limits<double>::lowest()) < least) return points.front().fmr;
  if (probability_of(std::numeric_limits<double>::max()) >= least) return 1;
  // The probability falls with the dissimilarity: the last one that is still accepted, by halving.
  double accepted = -1;
  while (probability_of(accepted) < least) accepted *= 2;
  double rejected = 1;
  while (probability_of(rejected) >= least) rejected *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = accepted + (rejected - accepted) / 2;
    (probability_of(middle) >= least ? accepted : rejected) = middle;
  }
  return likeness::fmr_at(points, static_cast<float>(accepted));
}

std::size_t PairClassifier::dimensions() const {
  return form == PairForm::absolute ? weights.size() : weights.size() / 2;
}

void PairClassifier::require_encoder(const std::string& encoder,
                                     const std::string& encoder_fingerprint,
                                     const std::string& name) const {
  if (model != encoder)
    throw Error(ErrorCode::invalid_argument, name + ": was trained on encodings of '" + model +
                                                 "', not of '" + encoder + "'; give --model " +
                                                 model + ", or a classifier of " + encoder);
  if (fingerprint != encoder_fingerprint)
    throw Error(ErrorCode::invalid_argument,
                name + ": was trained on encodings of '" + model + "' with the weights " +
                    fingerprint + ", and these are " + encoder_fingerprint +
                    "; train it again with 'likeness train pair-classifier'");
}

}  // namespace likeness
