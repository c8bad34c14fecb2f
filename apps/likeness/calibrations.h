#pragma once

/// What a distance or a pair classifier means for a model: calibrations, built in or kept beside a
/// model that was trained here, and classifiers that fit a model.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/faces/calibration.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/faces/verifier.h>
#include <likeness/model/store.h>

#include "command.h"
#include "networks.h"

namespace likeness::cli {

/// calibration.json beside the weights of a model that was trained here; nothing for others.
std::optional<std::filesystem::path> calibration_beside(const ModelStore& store,
                                                        const std::string& model);

/// What is in a file of calibrations; nothing when there is no file.
std::vector<Calibration> read_calibrations(const std::filesystem::path& path);

/// --calibration.
CLI::Option* add_calibration_option(CLI::App& command, std::string& file);

/// The calibration of `model`: that in `file` unless it is empty, else the one beside it, else the
/// one that is built in; nothing for a model that was not calibrated. One beside it that was
/// measured with other weights is passed over with a warning. Throws Error(invalid_argument) when
/// `file` has none for the model with these weights, and as parse_calibrations does.
std::optional<Calibration> find_calibration(const ModelStore& store, const std::string& model,
                                            const std::string& file, CommandContext& context);

/// A face encoder, and the pair classifier that judges its encodings.
struct EncoderWithClassifier {
  std::string model;
  std::optional<PairClassifier> classifier = {};
};

/// The encoder of `choice`; with the file of a classifier and no --model, the classifier's own.
/// Throws Error as open_face_encoder and read_pair_classifier do, invalid_argument unless the
/// classifier was made for the encodings of the encoder.
EncoderWithClassifier open_encoder(ModelStore& store, const EncoderChoice& choice,
                                   const std::string& classifier_file);

/// How two encodings are compared.
using Compare = std::function<Verification(const Encoding&, const Encoding&)>;

/// By the distance of `model`. Throws Error(invalid_argument) that says what to do for a model that
/// is not calibrated when no threshold is given, and as Verifier does.
Compare compare_by_distance(const std::string& model, std::optional<Calibration> calibration,
                            const VerifierOptions& options);

}  // namespace likeness::cli
