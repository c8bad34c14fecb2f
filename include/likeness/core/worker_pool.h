#pragma once

/// Independent jobs on several threads, and what such jobs share.
///
///     run_jobs(pictures.size(), core_count(), [&](std::size_t i) { … },
///              [&](std::size_t finished) { progress.update(finished); });

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <likeness/core/progress.h>

namespace likeness {

/// Calls job(0) … job(count − 1), each once, on at most `threads` threads of its own, and meanwhile
/// observe(finished) on the calling thread: now and then while it goes on, and once with `count` at
/// the end. The first exception of a job or of observe stops the jobs that have not started and is
/// thrown here once all threads have ended. Requires threads ≥ 1.
void run_jobs(std::size_t count, int threads, const std::function<void(std::size_t)>& job,
              const std::function<void(std::size_t)>& observe);

/// Lines that jobs leave for the thread that may talk to `Progress`. Safe to use from many threads.
class NoteQueue {
 public:
  void add(std::string line);
  /// Gives the lines that have come in, in order, to `progress`.
  void pass_on(Progress& progress);

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Gives the calling thread its number of LibTorch threads back when it is destroyed.
class ThreadCountKeeper {
 public:
  ThreadCountKeeper();
  ~ThreadCountKeeper();
  ThreadCountKeeper(const ThreadCountKeeper&) = delete;
  ThreadCountKeeper& operator=(const ThreadCountKeeper&) = delete;

 private:
  int count_;
};

}  // namespace likeness
