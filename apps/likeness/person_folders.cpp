#include "person_folders.h"

#include <cstdio>
#include <set>
#include <string>
#include <system_error>

#include <likeness/core/error.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

std::string folder_name(std::size_t person) {
  char name[32];
  std::snprintf(name, sizeof(name), "person-%03zu", person + 1);
  return name;
}

/// The file's own name, with a number where another photo has it.
fs::path free_name(const fs::path& photo, std::set<fs::path>& used) {
  fs::path name = photo.filename();
  for (int number = 2; !used.insert(name).second; ++number)
    name = photo.stem().string() + "-" + std::to_string(number) + photo.extension().string();
  return name;
}

void place(const fs::path& photo, const fs::path& target, bool copy) {
  if (copy)
    fs::copy_file(photo, target);
  else
    fs::create_symlink(fs::relative(photo, target.parent_path()), target);
}

}  // namespace

void check_person_folders(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  if (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))
    throw Error(ErrorCode::already_exists,
                "--out " + folder.string() + ": exists and is not an empty folder");
}

void write_person_folders(const fs::path& folder, const std::vector<Person>& people, bool copy) {
  try {
    fs::create_directories(folder);
    for (std::size_t i = 0; i < people.size(); ++i) {
      const fs::path own = folder / folder_name(i);
      fs::create_directory(own);
      std::set<std::string> photos;
      std::set<fs::path> used;
      for (const FoundFace* face : people[i])
        if (photos.insert(face->path).second)
          place(face->path, own / free_name(face->path, used), copy);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::write_failed, "--out " + folder.string() + ": " + error.what());
  }
}

}  // namespace likeness::cli
