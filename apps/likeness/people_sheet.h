#pragma once

/// The contact sheet of cluster: one row of faces for each person.

#include <filesystem>
#include <string>
#include <vector>

#include <likeness/image/geometry.h>
#include <likeness/image/image.h>

namespace likeness::cli {

/// Width and height of a face on the sheet, in pixels.
inline constexpr int kSheetFace = 112;

struct FoundFace {
  std::string path;
  Box box;
  Image picture = {};  ///< kSheetFace × kSheetFace; empty where no sheet is made
};

/// The faces of one person.
using Person = std::vector<const FoundFace*>;

/// "12 photos", each counted once.
std::string count_photos(const Person& person);

/// Throws Error now if write_people_sheet(path, …) could not work: invalid_argument (neither .html
/// nor the ending of a picture), write_failed.
void check_people_sheet(const std::filesystem::path& path);

/// A self-contained page (.html), or a picture. Throws Error: write_failed, too_large (more faces
/// than a picture has room for).
void write_people_sheet(const std::filesystem::path& path, const std::vector<Person>& people);

}  // namespace likeness::cli
