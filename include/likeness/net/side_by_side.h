#pragma once

/// Runs of small networks side by side, each run on one thread. For networks as small as those for
/// faces that beats sharing every layer among the threads: those wait for each other some fifty
/// times a picture, and on a machine that is busy with other work, long (measured there, two
/// threads and 32 faces: three to five times slower). Safe to call from many threads.
///
///     run_side_by_side(chunks.size(), [&](std::size_t i) { y[i] = network->forward(chunks[i]); });

#include <cstddef>
#include <functional>

namespace likeness::net {

/// Calls job(0) … job(count − 1), each once, on as many threads as one tensor operation of the
/// caller may use (at::get_num_threads()); operations inside a job then use one thread each. Only
/// where there is not even one job for two threads, the jobs run one after the other on the
/// caller's thread and their operations share all threads.
///
/// A job must set gradient mode itself, as it may run on a thread where gradients are on. The first
/// exception of a job keeps back those that have not started, and is thrown here when the others
/// have ended. The threads belong to the process, as OpenMP's do; they sleep while there is nothing
/// to do.
void run_side_by_side(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace likeness::net
