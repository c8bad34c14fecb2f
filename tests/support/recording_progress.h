#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/core/progress.h>

namespace likeness {

/// Remembers what a long call says.
struct RecordingProgress : Progress {
  void begin(std::string_view task, std::int64_t steps) override {
    tasks.emplace_back(task);
    total = steps;
  }
  void update(std::int64_t steps) override { done = steps; }
  void note(std::string_view message) override { notes.emplace_back(message); }
  void end() override { ++ended; }

  /// The notes that hold `text`.
  std::vector<std::string> notes_with(std::string_view text) const {
    std::vector<std::string> found;
    for (const std::string& line : notes)
      if (line.find(text) != std::string::npos) found.push_back(line);
    return found;
  }

  std::vector<std::string> tasks;
  std::vector<std::string> notes;
  std::int64_t total = 0;
  std::int64_t done = 0;
  int ended = 0;
};

}  // namespace likeness
