#pragma once

/// Verification 1:1: do two encodings belong to one person? Immutable, safe to use from many
/// threads.
///
///     const Verifier verifier(builtin_calibration("duo"), {.fmr = 1e-3});
///     const Verification answer = verifier.compare(f1, f2);
///     if (answer.same_person) …

#include <optional>
#include <span>

#include <likeness/faces/calibration.h>
#include <likeness/faces/pair_classifier.h>

namespace likeness {

struct Verification {
  bool same_person = false;  ///< distance ≤ threshold
  float distance = 0;        ///< ‖f(x1) − f(x2)‖², in [0, 4]
  float threshold = 0;
  /// That both show one person, in [0, 1]; nothing for a model without calibration.
  std::optional<double> probability = {};
  /// Share of pairs of strangers that would be accepted; at most that where the decision is
  /// stricter than what was measured. Nothing for a model without calibration.
  std::optional<double> fmr = {};
  /// Set when a pair classifier decided: then same_person is probability ≥ this, and the threshold
  /// is 0 and says nothing.
  std::optional<double> min_probability = {};
};

/// How the threshold is chosen; at most one may be set, else the calibration's default is used.
struct VerifierOptions {
  std::optional<float> threshold = {};  ///< squared distance in [0, 4]
  std::optional<double> fmr = {};       ///< wanted false-match rate
};

class Verifier {
 public:
  /// A model without calibration (one that was just trained) needs a threshold.
  /// Throws Error(invalid_argument) for both options at once, for values out of range, for an fmr
  /// that the calibration cannot support, and where neither a calibration nor a threshold is given.
  explicit Verifier(std::optional<Calibration> calibration, const VerifierOptions& options = {});
  /// Requires encodings of the calibration's model.
  Verification compare(std::span<const float> a, std::span<const float> b) const;
  /// What a squared distance in [0, 4] between two such encodings means.
  Verification judge(float distance) const;
  float threshold() const { return threshold_; }
  std::optional<double> fmr() const { return fmr_; }

 private:
  std::optional<Calibration> calibration_;
  float threshold_;
  std::optional<double> fmr_;
};

/// Verification by a pair classifier. Immutable, safe to use from many threads.
class PairVerifier {
 public:
  /// One person from a probability of `min_probability` on.
  /// Throws Error(invalid_argument) outside of (0, 1).
  explicit PairVerifier(PairClassifier classifier, double min_probability = 0.5);
  /// Requires encodings of the classifier's model.
  Verification compare(std::span<const float> a, std::span<const float> b) const;

 private:
  PairClassifier classifier_;
  double min_probability_;
  double fmr_;
};

}  // namespace likeness
