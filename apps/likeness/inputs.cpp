#include "inputs.h"

#include <algorithm>
#include <system_error>

#include <glob.h>
#include <likeness/image/codec.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path& path) {
  return path.filename().string().starts_with(".");
}

/// Adds the pictures in `folder` and below. Links to folders are not followed: they may run in
/// circles.
void add_folder(const fs::path& folder, Inputs& inputs) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator entry(folder, error), last; !error && entry != last;
       entry.increment(error))
    if (!hidden(entry->path())) entries.push_back(*entry);
  if (error) {
    inputs.failures.push_back(
        {folder, ErrorCode::unreadable,
         folder.string() + ": the folder cannot be listed: " + error.message()});
    return;
  }
  std::sort(entries.begin(), entries.end());
  for (const fs::directory_entry& entry : entries) {
    std::error_code ignored;
    const bool is_folder = entry.is_directory(ignored);
    if (is_folder && !entry.is_symlink(ignored)) add_folder(entry.path(), inputs);
    if (!is_folder && has_image_ending(entry.path())) inputs.photos.push_back(entry.path());
  }
}

void add_folder_argument(const std::string& argument, Inputs& inputs) {
  const std::size_t photos = inputs.photos.size();
  const std::size_t failures = inputs.failures.size();
  add_folder(argument, inputs);
  if (inputs.photos.size() == photos && inputs.failures.size() == failures)
    inputs.failures.push_back({argument, ErrorCode::not_found,
                               argument + ": no picture in this folder (.jpg, .png, .webp, .bmp, "
                                          ".tiff)"});
}

std::vector<std::string> glob_matches(const std::string& pattern) {
  glob_t matches = {};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0)
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  ::globfree(&matches);
  return paths;
}

void add_matches(const std::string& pattern, Inputs& inputs) {
  const std::vector<std::string> matches = glob_matches(pattern);
  if (matches.empty())
    inputs.failures.push_back(
        {pattern, ErrorCode::not_found, pattern + ": no file matches this pattern"});
  for (const std::string& match : matches) {
    std::error_code ignored;
    if (fs::is_directory(match, ignored))
      add_folder(match, inputs);
    else
      inputs.photos.emplace_back(match);
  }
}

void add_argument(const std::string& argument, Inputs& inputs) {
  std::error_code error;
  if (fs::is_directory(argument, error)) return add_folder_argument(argument, inputs);
  // What exists but cannot be looked at is left to the reader, whose error says why.
  const auto kind = fs::status(argument, error).type();
  if (argument == "-" || kind != fs::file_type::not_found) {
    inputs.photos.emplace_back(argument);
  } else if (argument.find_first_of("*?[") != std::string::npos) {
    add_matches(argument, inputs);
  } else {
    inputs.failures.push_back(
        {argument, ErrorCode::not_found, argument + ": no such file or folder"});
  }
}

}  // namespace

Inputs expand_inputs(std::span<const std::string> arguments) {
  Inputs inputs;
  for (const std::string& argument : arguments) add_argument(argument, inputs);
  if (inputs.photos.empty()) {
    const Failure& failure = inputs.failures.front();
    throw Error(failure.code, failure.message);
  }
  return inputs;
}

}  // namespace likeness::cli
