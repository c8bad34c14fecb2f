#pragma once

/// What a distance means: the false-match rate that a threshold stands for, and the probability
/// that two photos show one person. Measured once per model on pairs of people that no test uses
/// (`likeness calibrate`, LFW View 1). Those of the built-in models are compiled in from
/// models/calibration.json.
/// Values; safe to read from many threads.
///
///     const Calibration calibration = builtin_calibration("duo");
///     const float strict = calibration.threshold_at(1e-4);

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/faces/isotonic.h>

namespace likeness {

/// A share `fmr` of pairs of different people lies at a squared distance ≤ `threshold`.
struct OperatingPoint {
  double fmr = 0;
  float threshold = 0;
};

/// A threshold that was asked for, with what it does to pairs of one person, and how far both could
/// be off because the people were drawn at random: intervals from a bootstrap over identities.
struct MeasuredThreshold {
  double fmr = 0;       ///< false-match rate that was asked for
  float threshold = 0;  ///< squared distance
  float threshold_low = 0;
  float threshold_high = 0;
  double fnmr = 0;  ///< false non-match rate: share of pairs of one person beyond the threshold
  double fnmr_low = 0;
  double fnmr_high = 0;
};

struct Calibration {
  std::string model;
  std::int64_t genuine_pairs = 0;      ///< pairs of one person that it was measured on
  std::int64_t impostor_pairs = 0;     ///< pairs of different people
  std::vector<OperatingPoint> points;  ///< rising fmr and threshold
  float default_threshold = 0;         ///< best balanced accuracy on the development pairs
  double slope = 0;   ///< probability = 1 / (1 + exp(slope · distance + offset)), genuine and
  double offset = 0;  ///< impostor pairs equally likely beforehand
  ProbabilityCurve curve = {};                     ///< isotonic instead of that, unless empty
  std::vector<MeasuredThreshold> thresholds = {};  ///< falling fmr; may be empty
  double confidence = 0;                           ///< of their intervals, for example 0.95
  std::string fingerprint = {};  ///< of the weights (weights_fingerprint); empty: not known

  /// Threshold for a wanted false-match rate, interpolated in log(fmr).
  /// Throws Error(invalid_argument) outside of (0, 1) or below the finest measured rate (the
  /// message says how many pairs it would take).
  float threshold_at(double fmr) const;
  /// The false-match rate of a threshold, interpolated likewise and clamped to the measured range:
  /// a threshold below the finest point has *at most* the rate that is returned.
  double fmr_at(float threshold) const;
  /// Probability in [0, 1] that a pair at this squared distance shows one person.
  double probability(float distance) const;
};

/// A false-match rate is measured down to this many false matches: 10 / impostor_pairs. Its
/// relative standard error there is then about 1/√10, one third (for independent pairs).
inline constexpr int kFewestFalseMatches = 10;

/// Throws Error(invalid_argument), saying how many pairs it would take, when `impostor_pairs`
/// cannot support the rate `fmr` or it lies outside of (0, 1). `model` is named.
void require_supported(double fmr, std::int64_t impostor_pairs, const std::string& model);

/// Fits a calibration from the squared distances (in [0, 4]) of all genuine and impostor pairs. The
/// points lie at ten a decade from fmr 1 down to 10 / impostors, each exact: the threshold is a
/// distance that was measured, the fmr the share of impostor pairs up to it. Throws
/// Error(invalid_argument) without genuine pairs, with fewer than 2 · kFewestFalseMatches impostor
/// pairs, or when genuine pairs do not lie closer together than impostor pairs.
Calibration fit_calibration(const std::string& model, const std::vector<float>& genuine,
                            std::vector<float> impostor,
                            ProbabilityForm probability = ProbabilityForm::logistic);

/// Points at ten a decade from fmr 1 down to 10 / impostors, each exact, for the distances of all
/// impostor pairs (or other finite numbers that grow as faces grow apart). Requires one or more.
std::vector<OperatingPoint> operating_points(std::vector<float> impostor);

/// The false-match rate of a threshold as Calibration::fmr_at gives it. Requires a point.
double fmr_at(const std::vector<OperatingPoint>& points, float threshold);

/// How a decision is counted when a threshold is chosen.
enum class Balance {
  pairs,    ///< each pair alike: the best accuracy
  classes,  ///< each class alike: the best mean of the two classes' accuracies
};

/// The threshold t for which "distance ≤ t means one person" is right most often. It lies in the
/// middle between two neighbouring distances; when several gaps are equally good, in the middle one
/// of them. Throws Error(invalid_argument) when a class is empty. Requires finite distances.
float best_threshold(std::vector<float> genuine, std::vector<float> impostor, Balance balance);

/// The compiled-in calibration of `model`. Throws Error(not_found) that lists the known ones.
Calibration builtin_calibration(std::string_view model);
/// The same, or nothing: a network that was just trained has none.
std::optional<Calibration> find_builtin_calibration(std::string_view model);

/// models/calibration.json ↔ calibrations; `name` stands for the file in errors. The text is a list
/// of objects with the fields above: points as [fmr, threshold], the curve as [distance,
/// probability], thresholds as objects, the fingerprint as "weights"; what is empty is left out.
/// parse throws Error(corrupt_file) naming the entry and field that is wrong; to_json gives the
/// same text for the same values.
std::vector<Calibration> parse_calibrations(std::string_view json, const std::string& name);
std::string to_json(const std::vector<Calibration>& calibrations);

}  // namespace likeness
