#pragma once

#include <chrono>

namespace likeness {

/// How long something takes, by a clock that nobody sets.
class Timer {
 public:
  /// Since it was made.
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace likeness
