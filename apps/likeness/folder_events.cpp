#include "folder_events.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

#include <likeness/core/error.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

ErrorCode code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::not_found;
  return error == EACCES ? ErrorCode::unreadable : ErrorCode::unavailable;
}

}  // namespace

FolderEvents::FolderEvents(const fs::path& folder) : folder_(folder) {
  descriptor_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  constexpr std::uint32_t kWanted =
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (descriptor_ >= 0 && ::inotify_add_watch(descriptor_, folder.c_str(), kWanted) >= 0) return;
  const int error = errno;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw Error(code_of(error),
              folder.string() + ": the folder cannot be watched: " + std::strerror(error));
}

FolderEvents::~FolderEvents() {
  ::close(descriptor_);
}

FolderEvents::News FolderEvents::wait(std::chrono::milliseconds patience) {
  pollfd waiting = {.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return {};
  return read_events();
}

FolderEvents::News FolderEvents::read_events() {
  alignas(inotify_event) char buffer[64 << 10];
  News news;
  const ssize_t size = ::read(descriptor_, buffer, sizeof(buffer));
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, buffer + at, sizeof(event));
    const char* name = buffer + at + sizeof(event);
    at += static_cast<ssize_t>(sizeof(event) + event.len);
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0)
      throw Error(ErrorCode::not_found, folder_.string() + ": the folder is gone");
    if ((event.mask & IN_Q_OVERFLOW) != 0) news.lost = true;
    if (event.len == 0 || (event.mask & IN_ISDIR) != 0) continue;
    const fs::path path = folder_ / name;
    if (std::find(news.files.begin(), news.files.end(), path) == news.files.end())
      news.files.push_back(path);
  }
  return news;
}

}  // namespace likeness::cli
