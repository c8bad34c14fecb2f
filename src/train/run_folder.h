#pragma once

/// The folder that a training run writes to.

#include <filesystem>
#include <string>

namespace likeness {

/// The id that a folder's name gives to a model: small letters, digits and underscores.
std::string id_from_folder(const std::filesystem::path& folder);

/// Makes the folder. Throws Error: write_failed, invalid_argument when a run is there already and
/// is not to be gone on with.
void prepare_run_folder(const std::filesystem::path& folder, bool resume);

}  // namespace likeness
