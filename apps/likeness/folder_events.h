#pragma once

/// Files that appear in a folder, as the kernel reports them (inotify).

#include <chrono>
#include <filesystem>
#include <vector>

namespace likeness::cli {

class FolderEvents {
 public:
  /// From now on nothing that appears in `folder` is missed. Throws Error: not_found, unreadable,
  /// unavailable (the kernel's limit on watched folders).
  explicit FolderEvents(const std::filesystem::path& folder);
  ~FolderEvents();
  FolderEvents(const FolderEvents&) = delete;
  FolderEvents& operator=(const FolderEvents&) = delete;

  struct News {
    std::vector<std::filesystem::path> files;  ///< in the order of their first event, each once
    bool lost = false;  ///< more happened than the kernel remembers: some files are missing here
  };
  /// What has been written and closed, or moved here, since the last call; waits for it at most
  /// `patience`, and less when a signal arrives. A file that is still being written is not among
  /// them. Throws Error(not_found) when the folder is gone.
  News wait(std::chrono::milliseconds patience);

 private:
  News read_events();

  std::filesystem::path folder_;
  int descriptor_ = -1;
};

}  // namespace likeness::cli
