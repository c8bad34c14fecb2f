#pragma once

/// cluster --out: a folder for each person, with links to their photos or copies of them.

#include <filesystem>
#include <vector>

#include "people_sheet.h"

namespace likeness::cli {

/// Throws Error(already_exists) unless `folder` is missing or an empty folder.
void check_person_folders(const std::filesystem::path& folder);

/// Fills `folder`/person-001 … with relative symbolic links, or with copies. Photos of one name get
/// a number: anna.jpg, anna-2.jpg. Nothing is ever overwritten. Throws Error(write_failed).
void write_person_folders(const std::filesystem::path& folder, const std::vector<Person>& people,
                          bool copy);

}  // namespace likeness::cli
