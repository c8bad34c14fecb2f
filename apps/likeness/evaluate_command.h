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

/// What becomes of a picture in which no face is found.
enum class NoFace {
  wrong,   ///< it counts as decided wrongly
  centre,  ///< it is encoded from where the faces of the other pictures are
};

/// --no-face.
void add_no_face_option(CLI::App& command, NoFace& no_face);

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
                         NoFace no_face, CommandContext& context) const;

 private:
  FaceDetector detector_;
  FaceEncoder encoder_;
  std::string settings_;  ///< that the encodings depend on
};

/// --encodings.
void add_encodings_option(CLI::App& command, std::string& file);

/// Pictures of known people: a folder of them, those in a CSV file, or those of lists of pairs.
struct PeopleOptions {
  std::string images;
  std::vector<std::string> pairs;
  std::vector<std::string> exclude;
  std::string encodings;
};

/// --images, --pairs, --exclude and --encodings.
void add_people_options(CLI::App& command, PeopleOptions& options);

/// What they name.
struct KnownPeople {
  std::filesystem::path folder;  ///< that the paths of the pictures start from
  PictureSet set;
};

/// Reads it and notes how many people are left out. Throws Error as the readers do.
KnownPeople read_people(const PeopleOptions& options, Progress& progress);

/// Encodes them and notes how many pictures are left out because no face is found in them.
LabelledEncodings encode_people(const EvaluationNetworks& networks, const KnownPeople& people,
                                const std::string& file, CommandContext& context);

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
/// likeness evaluate style
void add_style_measures_command(CLI::App& parent, CommandContext& context);

}  // namespace likeness::cli
