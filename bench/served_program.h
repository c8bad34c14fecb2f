#pragma once

/// `likeness serve` as a process of its own, as its users run it.

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace likeness::bench {

class ServedProgram {
 public:
  /// Starts `program serve --port 0` with `arguments` and waits until it listens.
  /// Throws Error(unavailable) when it does not within a minute.
  ServedProgram(const std::filesystem::path& program, std::vector<std::string> arguments);
  /// Kills it, unless it has ended.
  ~ServedProgram();
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;

  int port() const { return port_; }
  /// Resident memory now, 10⁶ bytes.
  double resident_mb() const;
  /// Sends the signal and waits for the end; returns the exit code, 128 + signal where one ended
  /// it.
  int end(int signal);

 private:
  pid_t process_ = -1;
  int port_ = 0;
};

}  // namespace likeness::bench
