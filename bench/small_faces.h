#pragma once

/// How small a face each method still finds: photos shrunk until their smallest face is as small as
/// asked for.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "detector_measures.h"

namespace likeness::bench {

/// The photos sample1.jpg … of a folder that are there, in the order of their numbers.
std::vector<std::filesystem::path> sample_photos(const std::filesystem::path& folder);

struct SmallFaceMeasures {
  std::int64_t faces = 0;           ///< that all methods find in the full photos
  std::int64_t found_alone = 0;     ///< of these, in the shrunk photo
  std::int64_t found_in_large = 0;  ///< in a black picture of 1024 × 1024 with the photo inside
};

/// One result for each method; `face_size` is the shorter side of the smallest face's box, in
/// pixels. Throws as read_image does.
std::vector<SmallFaceMeasures> measure_small_faces(const std::vector<Method>& methods,
                                                   const std::vector<std::filesystem::path>& photos,
                                                   float face_size);

}  // namespace likeness::bench
