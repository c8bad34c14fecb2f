#pragma once

/// What the subcommands of `likeness evaluate` have in common: pictures, lists of pairs, and the
/// encodings of all pictures.

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>

#include "command.h"

namespace likeness::cli {

/// --images.
void add_images_option(CLI::App& command, std::string& images);

/// A list of one fold (View 1) is shared out into this many.
inline constexpr int kFolds = 10;

/// The detector and one encoder, ready to work on the pictures of an evaluation.
class EvaluationNetworks {
 public:
  /// Fetches what is missing and loads it. Throws as ModelStore::load does.
  EvaluationNetworks(const ModelStore& store, const std::string& model,
                     const DetectorOptions& detector, const EncoderOptions& encoder,
                     CommandContext& context);

  const FaceEncoder& encoder() const { return encoder_; }

  /// Encodes the pictures below `folder` with progress; Ctrl-C stops it.
  EncodedPictures encode(const std::filesystem::path& folder,
                         const std::vector<std::string>& pictures, CommandContext& context) const;

 private:
  FaceDetector detector_;
  FaceEncoder encoder_;
};

/// Throws Error(not_found) unless `images` is a folder.
void check_images(const std::string& images);

/// likeness evaluate verification
void add_verification_command(CLI::App& parent, CommandContext& context);
/// likeness evaluate calibration
void add_calibration_command(CLI::App& parent, CommandContext& context);
/// likeness evaluate fusion
void add_fusion_command(CLI::App& parent, CommandContext& context);

}  // namespace likeness::cli
