#pragma once

#include <cstdint>
#include <string_view>

#include <likeness/core/progress.h>

namespace likeness {

/// Asks for a stop once so many steps of a task are done.
struct StopAt : Progress {
  StopAt(std::int64_t given, Cancellation& of, std::string_view of_task = "training")
      : step(given), cancellation(of), task(of_task) {}
  void begin(std::string_view begun, std::int64_t) override { there = begun == task; }
  void update(std::int64_t done) override {
    if (there && done == step) cancellation.request();
  }
  std::int64_t step;
  Cancellation& cancellation;
  std::string_view task;
  bool there = false;
};

}  // namespace likeness
