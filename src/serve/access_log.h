#pragma once

/// One line of JSON a request: what was asked and how it ended, with nothing of what was sent. The
/// route's pattern stands for the address, which may hold a person's name. Safe to use from many
/// threads.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "serve/http_door.h"

namespace likeness::serve {

class AccessLog {
 public:
  /// `file`: appended to; "-": standard error; empty: failures of the service alone, on standard
  /// error. Throws Error(write_failed) for a file that cannot be opened.
  explicit AccessLog(const std::filesystem::path& file);

  void add(const Served& served);
  /// Something that happened beside requests.
  void note(const std::string& text);

 private:
  void write(const std::string& line);

  struct Close {
    void operator()(std::FILE* file) const;
  };
  std::mutex mutex_;
  std::unique_ptr<std::FILE, Close> file_;
  bool requests_;
};

}  // namespace likeness::serve
