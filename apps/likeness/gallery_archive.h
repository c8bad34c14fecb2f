#pragma once

/// gallery export and import: a file of JSON lines. The first says what it is:
///   {"likeness_gallery": 1, "model": "duo", "weights": "…", "dimensions": 320}
/// each other line is one example:
///   {"subject", "source", "sha256", "face", "quality", "encoding": base64 of float32 (little
///    endian), "crop": base64, left out where none is kept}
/// Nothing in it is used as a path. Both stream: memory does not grow with the gallery.

#include <string>

#include "command.h"
#include "gallery_choice.h"

namespace likeness::cli {

int export_gallery(const GalleryChoice& choice, const std::string& file, CommandContext& context);
int import_gallery(const GalleryChoice& choice, const std::string& file, CommandContext& context);

}  // namespace likeness::cli
