#pragma once

#include <cstdint>
#include <string_view>

#include <likeness/core/progress.h>

namespace likeness {

/// Asks for a stop once so many steps of training are done.
struct StopAt : Progress {
  StopAt(std::int64_t given, Cancellation& of) : step(given), cancellation(of) {}
  void begin(std::string_view task, std::int64_t) override { training = task == "training"; }
  void update(std::int64_t done) override {
    if (training && done == step) cancellation.request();
  }
  std::int64_t step;
  Cancellation& cancellation;
  bool training = false;
};

}  // namespace likeness
