#pragma once

/// What the subcommands that measure and learn from sets of pictures have in common (evaluate,
/// calibrate, train pair-classifier): the pictures, the lists of pairs, and the encodings of all.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/evaluate/picture_set.h>
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

  /// Encodes the pictures below `folder` with progress; Ctrl-C stops it. `file`, unless empty,
  /// keeps the encodings for the next time.
  EncodedPictures encode(const std::filesystem::path& folder,
                         const std::vector<std::string>& pictures, const std::string& file,
                         CommandContext& context) const;

 private:
  FaceDetector detector_;
  FaceEncoder encoder_;
  std::string settings_;  ///< that the encodings depend on
};

/// --encodings.
void add_encodings_option(CLI::App& command, std::string& file);

/// The pictures that people are known of: a folder, or those of lists of pairs in it.
struct PeopleOptions {
  std::string images;
  std::vector<std::string> pairs;
  std::vector<std::string> exclude;
  std::string encodings;
};

/// --images, --pairs, --exclude and --encodings.
void add_people_options(CLI::App& command, PeopleOptions& options);

/// Reads what they name. Throws Error as the readers do.
PictureSet read_people(const PeopleOptions& options);

/// Throws Error(not_found) unless `images` is a folder.
void check_images(const std::string& images);

/// The face of a picture as the encoder sees it; the whole photo where none was found, black where
/// it is broken.
Image picture_for_report(const std::string& path, const std::optional<EncodedPicture>& encoded,
                         const FaceEncoder& encoder);

/// likeness evaluate verification
void add_verification_command(CLI::App& parent, CommandContext& context);
/// likeness evaluate identification
void add_identification_command(CLI::App& parent, CommandContext& context);
/// likeness evaluate fusion
void add_fusion_command(CLI::App& parent, CommandContext& context);

}  // namespace likeness::cli
