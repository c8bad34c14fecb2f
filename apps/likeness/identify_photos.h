#pragma once

/// What identify and watch have in common: the options, the networks beside a gallery, and how an
/// answer is printed. (cluster encodes its photos in the same way.)

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/gallery/gallery.h>
#include <likeness/gallery/open_set.h>

#include "command.h"
#include "face_json.h"
#include "gallery_choice.h"
#include "networks.h"
#include "photo_batch.h"

namespace likeness::cli {

struct IdentificationChoice {
  std::size_t top = 1;
  OpenSetOptions open_set;
  std::string unknown_label = "unknown_person";
  std::string calibration;
  GalleryChoice gallery;
  EncoderChoice encoder;
  DetectorOptions detector;
};

/// --top, --fpir, --threshold, --unknown-label, --calibration and those of the gallery and the
/// networks.
void add_identification_options(CLI::App& command, IdentificationChoice& choice);

/// Called with each face that will be encoded: the index of its photo and its crops.
using SeenFace = std::function<void(std::size_t photo, const AlignedFace&)>;

/// All faces of a few photos, encoded in one batch.
std::vector<PhotoResult> encode_faces(std::span<const std::filesystem::path> paths,
                                      const FaceDetector& detector, const FaceEncoder& encoder,
                                      const SeenFace& seen = {});

/// A gallery and the networks that its encodings come from.
class PhotoIdentifier {
 public:
  /// Opens the gallery and fetches missing weights. Throws Error as open_gallery, encoder_of and
  /// OpenSetRule do.
  PhotoIdentifier(const IdentificationChoice& choice, CommandContext& context);

  /// Safe to call from many threads.
  std::vector<PhotoResult> encode(std::span<const std::filesystem::path> paths) const;
  /// One answer a face.
  std::vector<Identification> identify(const PhotoResult& photo);
  /// Makes the rule anew when others have changed the number of examples.
  void refresh();

  const OpenSetRule& rule() const { return *rule_; }
  const GalleryInfo& info() const { return info_; }
  const std::string& model() const { return model_; }

 private:
  IdentificationChoice choice_;
  std::unique_ptr<Gallery> gallery_;
  GalleryInfo info_;
  std::string model_;
  std::optional<Calibration> calibration_;
  std::optional<OpenSetRule> rule_;
  std::optional<FaceDetector> detector_;
  std::optional<FaceEncoder> encoder_;
};

/// {"path", "faces": [{"box", "matches", "ambiguous"}]}
Json answers_json(const PhotoResult& photo, const std::vector<Identification>& answers);
/// A line a face.
std::string answers_text(const PhotoResult& photo, const std::vector<Identification>& answers,
                         const std::string& unknown_label);
/// How many of the faces are nobody's.
std::size_t count_unknown(const std::vector<Identification>& answers);
/// "12 people, 24 examples; distance up to 0.981, a stranger is taken for somebody 1 in 100"
std::string describe(const OpenSetRule& rule, const GalleryInfo& info);

}  // namespace likeness::cli
