#pragma once

#include <exception>
#include <filesystem>
#include <stdexcept>

#include <unistd.h>

namespace likeness {

/// Root may read and write everything, so tests of permissions work as somebody else until they
/// end. For an ordinary user this does nothing.
class OrdinaryUser {
 public:
  /// Gives `folder` and all in it to that user first.
  explicit OrdinaryUser(const std::filesystem::path& folder) {
    if (!root_) return;
    give(folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      give(entry.path());
    if (::seteuid(kNobody) != 0) throw std::runtime_error("seteuid failed");
  }
  ~OrdinaryUser() {
    if (root_ && ::seteuid(0) != 0) std::terminate();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;

  static void give(const std::filesystem::path& path) {
    if (::lchown(path.c_str(), kNobody, static_cast<gid_t>(-1)) != 0)
      throw std::runtime_error("cannot give away " + path.string());
  }

  bool root_ = ::geteuid() == 0;
};

}  // namespace likeness
