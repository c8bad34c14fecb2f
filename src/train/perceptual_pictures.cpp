#include "train/perceptual_pictures.h"

#include <algorithm>
#include <map>
#include <span>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHoldOutEvery = 25;
constexpr int kLargestSide = 640;

/// Paths below `folder`, sorted, so that the order is the same on all machines.
std::vector<std::string> picture_names(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Error(ErrorCode::not_found, folder.string() + ": no such folder");
  std::vector<std::string> names;
  fs::recursive_directory_iterator entry(folder, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error))
    if (entry->is_regular_file(error) && has_image_ending(entry->path()))
      names.push_back(entry->path().lexically_relative(folder).generic_string());
  if (error) throw Error(ErrorCode::unreadable, folder.string() + ": " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string folder_of(const fs::path& folder, const std::string& name) {
  std::string parent = fs::path(name).parent_path().generic_string();
  if (!parent.empty()) return parent;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

PerceptualPictures read_perceptual_pictures(const fs::path& folder, Progress& progress,
                                            const Cancellation* cancellation) {
  const std::vector<std::string> names = picture_names(folder);
  PerceptualPictures pictures;
  std::map<std::string, int> folders;
  std::string all;
  std::size_t number = 0;
  progress.begin("reading pictures", static_cast<std::int64_t>(names.size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (cancellation != nullptr) cancellation->check();
    try {
      Image image = resize_to_fit(without_alpha(read_image(folder / names[i])), kLargestSide);
      all += names[i] + " " + std::to_string(image.width()) + " " + std::to_string(image.height()) +
             "\n";
      ++folders[folder_of(folder, names[i])];
      const bool hold_out = number++ % kHoldOutEvery == 0;
      (hold_out ? pictures.held_out : pictures.training).push_back(std::move(image));
    } catch (const Error& error) {
      progress.note(error.what());
      ++pictures.skipped;
    }
    progress.update(static_cast<std::int64_t>(i) + 1);
  }
  progress.end();
  if (pictures.training.empty())
    throw Error(ErrorCode::not_found,
                folder.string() + ": " + (number == 0 ? "no picture" : "one picture") +
                    " that can be read; at least two are needed, one of which is held out");
  for (const auto& [name, count] : folders)
    pictures.folders +=
        (pictures.folders.empty() ? "" : ", ") + name + " (" + std::to_string(count) + ")";
  pictures.fingerprint =
      sha256(std::span(reinterpret_cast<const std::uint8_t*>(all.data()), all.size()));
  return pictures;
}

}  // namespace likeness
