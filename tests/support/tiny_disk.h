#pragma once

/// A disk that is soon full.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include <sched.h>
#include <support/temporary_folder.h>
#include <sys/mount.h>

namespace likeness {

/// A small file system in memory, which the test and the programs that it starts see and nobody
/// else. Needs to run as root.
class TinyDisk {
 public:
  /// `size` as tmpfs takes it.
  explicit TinyDisk(const std::string& size = "64k") {
    if (::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("none", path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0)
      return;
    error_ = std::string("no small file system can be mounted here: ") + std::strerror(errno);
  }
  ~TinyDisk() {
    if (error_.empty()) ::umount2(path().c_str(), MNT_DETACH);
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;

  /// "" when the disk is there, else why not.
  const std::string& error() const { return error_; }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::string error_;
};

}  // namespace likeness
