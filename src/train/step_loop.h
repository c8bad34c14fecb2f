#pragma once

/// What the runs that learn from pictures have in common: steps, and what happens between them.

#include <cstdint>
#include <functional>
#include <string>

#include <likeness/core/progress.h>

namespace likeness {

struct StepLoop {
  std::string what = "training";  ///< for the progress
  std::int64_t steps = 0;         ///< in all
  std::int64_t validate_every = 1;
  std::int64_t checkpoint_every = 1;
  bool validate_first = false;         ///< before the first step
  std::function<std::int64_t()> done;  ///< steps so far
  std::function<void()> learn;         ///< one step
  std::function<void()> validate;
  std::function<void()> save;
};

/// Learns until all steps are done; a run that has ended is validated again, so that its model is
/// there. Throws Error(cancelled) after saving, and what the functions throw.
void run_steps(const StepLoop& loop, Progress& progress, const Cancellation* cancellation);

}  // namespace likeness
