#pragma once

/// identify KNOWN UNKNOWN --format face_recognition: as the program of that name prints it, so that
/// scripts that read its lines go on working.

#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "networks.h"

namespace likeness::cli {

struct FolderOptions {
  std::vector<std::string> paths;  ///< KNOWN and UNKNOWN
  std::string unknown_label;
  bool show_distance = false;
  std::optional<float> threshold;  ///< squared
  EncoderChoice encoder;
  DetectorOptions detector;
};

/// For each face of each picture of UNKNOWN a line file,name for every person of KNOWN (one picture
/// each, named by its file) within the model's 1:1 threshold, or file,unknown_person; a picture
/// without a face gives file,no_persons_found. Returns the exit code.
int identify_folders(const FolderOptions& options, CommandContext& context);

}  // namespace likeness::cli
