#pragma once

/// The pictures that a perceptual network learns from, decoded once and kept in memory.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/image/image.h>

namespace likeness {

struct PerceptualPictures {
  std::vector<Image> training;
  std::vector<Image> held_out;  ///< every 25th by name
  std::int64_t skipped = 0;     ///< that could not be read
  std::string folders;          ///< "bsds500 (500), pacs_art (700)"
  std::string fingerprint;      ///< tells these pictures from others
};

/// All pictures in `folder` and below, without alpha, made smaller where a side is over 640. What
/// cannot be read is noted and skipped. Throws Error: not_found (no such folder, fewer than two
/// pictures), unreadable, cancelled.
PerceptualPictures read_perceptual_pictures(const std::filesystem::path& folder, Progress& progress,
                                            const Cancellation* cancellation);

}  // namespace likeness
