#pragma once

/// Where commands with --draw put their pictures.

#include <filesystem>
#include <vector>

namespace likeness::cli {

/// Where the drawing of each photo goes: `draw` itself for one photo, a file in that folder, which
/// is made, for several; nothing for an empty `draw`. Throws Error for a place that cannot be
/// written or would overwrite a photo, before any work is done.
std::vector<std::filesystem::path> draw_outputs(const std::filesystem::path& draw,
                                                const std::vector<std::filesystem::path>& photos);

}  // namespace likeness::cli
