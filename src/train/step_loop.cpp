#include "train/step_loop.h"

#include <string>

#include <likeness/core/error.h>

namespace likeness {

void run_steps(const StepLoop& loop, Progress& progress, const Cancellation* cancellation) {
  progress.begin(loop.what, loop.steps);
  progress.resume(loop.done());
  if (loop.validate_first || loop.done() == loop.steps) loop.validate();
  while (loop.done() < loop.steps) {
    if (cancellation != nullptr && cancellation->requested()) {
      loop.save();
      throw Error(ErrorCode::cancelled, "stopped at step " + std::to_string(loop.done()));
    }
    loop.learn();
    const bool last = loop.done() == loop.steps;
    if (last || loop.done() % loop.validate_every == 0) loop.validate();
    if (last || loop.done() % loop.checkpoint_every == 0) loop.save();
    progress.update(loop.done());
  }
  progress.end();
}

}  // namespace likeness
