#pragma once

/// What verify, detect and embed have in common: the options that choose and tune the networks, and
/// getting their weights ready.

#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>

#include "command.h"

namespace likeness::cli {

struct EncoderChoice {
  std::string model = "duo";
  bool model_given = false;  ///< --model was typed
  bool no_flip = false;
  bool bf16 = false;
  EncoderOptions options() const { return {.flip = !no_flip, .bf16 = bf16}; }
};

/// --min-face and --min-score.
void add_detector_options(CLI::App& command, DetectorOptions& options);
/// --model, --no-flip and --bf16.
void add_encoder_options(CLI::App& command, EncoderChoice& choice);

/// The id of the face encoder that `model` names: an id, or the folder of one that was trained
/// here, which `store` knows from then on. `option` is where the user named it. Throws Error as
/// ModelStore::open does, invalid_argument unless it is a face encoder.
std::string open_face_encoder(ModelStore& store, const std::string& model,
                              const std::string& option = "--model");

/// What is not in the cache of all that detection needs, and of the encoder `model` unless that is
/// empty.
std::vector<std::string> missing_weights(const ModelStore& store, const std::string& model);

/// Fetches that, with progress.
void fetch_missing_weights(const ModelStore& store, const std::string& model,
                           CommandContext& context);

}  // namespace likeness::cli
