#include <algorithm>
#include <condition_variable>
#include <exception>
#include <thread>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/error.h>
#include <likeness/core/worker_pool.h>

namespace likeness {
namespace {

class Jobs {
 public:
  Jobs(std::size_t count, const std::function<void(std::size_t)>& job) : count_(count), job_(job) {}

  /// The life of a worker thread.
  void work() {
    std::unique_lock lock(mutex_);
    while (next_ < count_ && !failure_) {
      const std::size_t index = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        job_(index);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      ++finished_;
      if (!failure_) failure_ = failure;
      changed_.notify_one();
    }
  }

  /// Reports until everything is done or something failed.
  void watch(const std::function<void(std::size_t)>& observe) {
    std::size_t seen = 0;
    while (seen < count_) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return finished_ > seen || failure_; });
        if (failure_) return;
        seen = finished_;
      }
      observe(seen);
    }
  }

  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
  }

  /// Requires that no worker is left.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

void run_jobs(std::size_t count, int threads, const std::function<void(std::size_t)>& job,
              const std::function<void(std::size_t)>& observe) {
  LIKENESS_CHECK(threads >= 1);
  Jobs jobs(count, job);
  {
    std::vector<std::jthread> workers;
    try {
      for (std::size_t i = 0; i < std::min(count, static_cast<std::size_t>(threads)); ++i)
        workers.emplace_back([&jobs] { jobs.work(); });
      jobs.watch(observe);
    } catch (...) {
      jobs.fail(std::current_exception());
    }
  }  // the workers are joined here
  jobs.rethrow();
}

void NoteQueue::add(std::string line) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

void NoteQueue::pass_on(Progress& progress) {
  std::vector<std::string> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(lines_);
  }
  for (const std::string& line : lines) progress.note(line);
}

ThreadCountKeeper::ThreadCountKeeper() : count_(at::get_num_threads()) {}

ThreadCountKeeper::~ThreadCountKeeper() {
  at::set_num_threads(count_);
}

}  // namespace likeness
