#pragma once

/// Many photos through the networks: on all cores, with progress, without stopping at a bad file.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <likeness/faces/encoder.h>
#include <likeness/faces/face.h>

#include "command.h"
#include "inputs.h"

namespace likeness::cli {

/// What became of one input.
struct PhotoResult {
  std::string path = {};
  int width = 0;
  int height = 0;
  std::vector<Face> faces = {};
  std::vector<std::size_t> encoded = {};  ///< indices of the faces that were encoded, and their
  std::vector<Encoding> encodings = {};   ///< encodings in the same order
  std::optional<Failure> failure = {};    ///< set when nothing of the above is
};

struct BatchSummary {
  std::size_t inputs = 0;
  std::size_t finished = 0;  ///< inputs that were looked at, failed ones included
  std::size_t failed = 0;
  std::optional<Failure> first_failure;
  bool partial = false;  ///< Inputs::partial

  /// kOk or kSomeFailed. Throws Error: cancelled when the batch was stopped, the first failure's
  /// code when nothing could be used. For a part of the work kOk in spite of failures: launchers
  /// end all processes as soon as one returns anything else.
  int conclude() const;
};

/// Calls `work` on `chunk` photos at a time, on as many threads as --threads says, and `consume`
/// for every input in order: first for what expand_inputs could not use, then for the photos. work
/// gets the index of its first photo and returns one result a photo. Ctrl-C ends the batch early.
/// A single input that fails throws its error, unless it is a part of the work.
BatchSummary process_photos(const Inputs& inputs, CommandContext& context, std::string_view task,
                            std::size_t chunk,
                            const std::function<std::vector<PhotoResult>(
                                std::size_t first, std::span<const std::filesystem::path>)>& work,
                            const std::function<void(const PhotoResult&)>& consume);

/// `read` applied to `path`; an Error that this file alone is to blame for becomes a failure.
PhotoResult attempt(const std::filesystem::path& path,
                    const std::function<void(PhotoResult&)>& read);

}  // namespace likeness::cli
