#pragma once

/// What a distance or a pair classifier means for a model: calibrations, built in or kept beside a
/// model that was trained here, and classifiers that fit a model.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <likeness/faces/calibration.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/faces/verifier.h>
#include <likeness/model/store.h>

namespace likeness::cli {

/// calibration.json beside the weights of a model that was trained here; nothing for others.
std::optional<std::filesystem::path> calibration_beside(const ModelStore& store,
                                                        const std::string& model);

/// What is in a file of calibrations; nothing when there is no file.
std::vector<Calibration> read_calibrations(const std::filesystem::path& path);

/// The calibration of `model`: the one beside it, else the one that is built in; nothing for a
/// model that was not calibrated.
std::optional<Calibration> find_calibration(const ModelStore& store, const std::string& model);

/// Throws Error(invalid_argument) unless the classifier was made for the encodings of `model`.
PairClassifier read_classifier_for(const ModelStore& store, const std::string& model,
                                   const std::string& path);

/// How two encodings are compared.
using Compare = std::function<Verification(const Encoding&, const Encoding&)>;

/// By the distance of `model`. Throws Error(invalid_argument) that says what to do for a model that
/// is not calibrated when no threshold is given, and as Verifier does.
Compare compare_by_distance(const ModelStore& store, const std::string& model,
                            const VerifierOptions& options);

}  // namespace likeness::cli
