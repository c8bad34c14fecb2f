#pragma once

/// `likeness serve` as a process of its own, as its users run it.

#include <filesystem>
#include <string>
#include <thread>
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

/// The memory of a program at work. What is being worked on at a moment comes and goes, and freed
/// memory is kept for a while: the median of many moments counts, not one of them.
class MemoryWatch {
 public:
  /// Looks at `program`, which must live longer, ten times a second until fifths() is called.
  explicit MemoryWatch(const ServedProgram& program);
  /// Looks no more; the median of each fifth of the moments, 10⁶ bytes. Call it once, after a
  /// second or more.
  std::vector<double> fifths();

 private:
  std::vector<double> moments_;  ///< the thread's until it has ended
  std::jthread thread_;
};

/// "memory, median of each fifth of the time: 412.6 … MB, at most 0.24 % more than in the first".
std::string memory_text(const std::vector<double>& memory);
/// How much more the largest of the later ones is than the first, in percent of the first: memory
/// that was given back towards the end does not hide what came before. Requires two or more.
double growth_percent(const std::vector<double>& memory);

}  // namespace likeness::bench
