#pragma once

/// How embed encodes a few photos, whatever becomes of the encodings.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>

#include "command.h"
#include "encoding_writer.h"
#include "face_json.h"
#include "photo_batch.h"

namespace likeness::cli {

/// Photos that are encoded in one batch: enough for the networks to run at full speed, few enough
/// for a lively progress bar.
inline constexpr std::size_t kEmbedChunk = 8;

/// Detects and encodes the main face of each photo, or all; a photo without one is a failure.
std::vector<PhotoResult> embed_photos(std::span<const std::filesystem::path> paths,
                                      const FaceDetector& detector, const FaceEncoder& encoder,
                                      bool all_faces);

/// The encoded faces of a photo.
std::vector<EncodedFace> encoded_faces(const PhotoResult& photo);

/// Passes encodings on to the writer and failures to the reader.
class EmbedCollector {
 public:
  /// `output`: the file's name, or "-".
  EmbedCollector(std::string output, std::string model, CommandContext& context,
                 EncodingWriter& writer);

  void add(std::span<const EncodedFace> faces);
  /// `silent`: the user has been warned already.
  void add(const Failure& failure, bool silent = false);
  std::size_t faces() const { return faces_; }

  /// Nothing when the encodings went to standard output.
  void print_summary(int dimensions);

 private:
  std::string output_;
  std::string model_;
  CommandContext& context_;
  EncodingWriter& writer_;
  std::size_t photos_ = 0;
  std::size_t skipped_ = 0;
  std::size_t faces_ = 0;
  Json failed_ = Json::array();
};

}  // namespace likeness::cli
