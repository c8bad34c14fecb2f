#pragma once

/// Encodings kept in a file between runs, so that a set of pictures is encoded once and then
/// evaluated, calibrated and trained on within seconds. A safetensors file; made only where the
/// caller names one, since encodings of faces are personal data. Safe to call from many threads, a
/// file from one at a time.
///
///     const EncodingFile file{"lfw.safetensors", "duo, flip"};
///     const EncodedPictures encoded =
///         encode_pictures(folder, pictures, steps, options, file, progress);

#include <filesystem>
#include <span>
#include <string>

#include <likeness/evaluate/encoded_pictures.h>

namespace likeness {

struct EncodingFile {
  std::filesystem::path path;
  std::string settings;  ///< all that the encodings depend on beside the pictures: network, options
};

/// As encode_pictures without a file, but pictures that are in the file already and have the same
/// size and time of change are taken from it; the others are encoded and added to it. A file that
/// does not exist is made. Pictures are known by their path below `folder`.
/// Throws Error: invalid_argument when the file was made with other settings (both are named),
/// corrupt_file, write_failed, and as the other encode_pictures.
EncodedPictures encode_pictures(const std::filesystem::path& folder,
                                std::span<const std::string> pictures, const PictureSteps& steps,
                                const EncodeOptions& options, const EncodingFile& file,
                                Progress& progress);

}  // namespace likeness
