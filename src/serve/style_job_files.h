#pragma once

/// Paintings on disk, each in a folder of its own:
///
///     FOLDER/ID/job.json       what is wanted and how far it is; written last, so that a folder
///                              without it is an order that nobody was told of
///     FOLDER/ID/content, style-1, …     as they were sent, until the painting is finished
///     FOLDER/ID/content.jpg    the content at the size of the result
///     FOLDER/ID/state          where descent stands, to go on from there
///     FOLDER/ID/preview.jpg, result.jpg or result.png
///
/// Folders are readable by their owner alone. Files of different jobs may be touched from many
/// threads.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/image/image.h>

#include "serve/style_job.h"

namespace likeness::serve {

class StyleJobFiles {
 public:
  /// Makes `folder` where it is missing and keeps it from other services until it is destroyed.
  /// Throws Error: write_failed; unavailable (another service works there).
  explicit StyleJobFiles(std::filesystem::path folder);
  ~StyleJobFiles();
  StyleJobFiles(const StyleJobFiles&) = delete;
  StyleJobFiles& operator=(const StyleJobFiles&) = delete;

  /// All jobs that are there, oldest first. Orders that were never finished are removed; a record
  /// that cannot be read is left as it is and `note` told.
  std::vector<StyleJob> load(const std::function<void(const std::string&)>& note) const;

  /// A new folder with everything in it; removed again where it cannot be written.
  /// Throws Error(write_failed).
  void create(const StyleJob& job, std::string_view content,
              const std::vector<std::string_view>& styles, const Image& shown) const;
  /// Throws Error(write_failed).
  void write_record(const StyleJob& job) const;

  /// The pictures as they were sent. Throws Error: not_found, unreadable.
  Bytes content(const StyleJob& job) const;
  Bytes style(const StyleJob& job, std::int64_t index) const;

  std::filesystem::path state_file(const StyleJob& job) const;
  std::filesystem::path shown_file(const StyleJob& job) const;
  std::filesystem::path preview_file(const StyleJob& job) const;
  std::filesystem::path result_file(const StyleJob& job) const;

  /// What a finished painting needs no more: the pictures that were sent, the state.
  void remove_inputs(const StyleJob& job) const;
  /// Everything of it.
  void remove(const StyleJob& job) const;
  std::uintmax_t bytes(const StyleJob& job) const;

 private:
  std::filesystem::path folder_of(const StyleJob& job) const;
  std::optional<StyleJob> load_one(const std::filesystem::path& folder,
                                   const std::function<void(const std::string&)>& note) const;

  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace likeness::serve
