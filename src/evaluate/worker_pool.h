#pragma once

/// Independent jobs on several threads.

#include <cstddef>
#include <functional>

namespace likeness {

/// Calls job(0) … job(count − 1), each once, on at most `threads` threads of its own, and meanwhile
/// observe(finished) on the calling thread: now and then while it goes on, and once with `count` at
/// the end. The first exception of a job or of observe stops the jobs that have not started and is
/// thrown here once all threads have ended. Requires threads ≥ 1.
void run_jobs(std::size_t count, int threads, const std::function<void(std::size_t)>& job,
              const std::function<void(std::size_t)>& observe);

}  // namespace likeness
