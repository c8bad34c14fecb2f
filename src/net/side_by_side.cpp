#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <likeness/net/side_by_side.h>

namespace likeness::net {
namespace {

using Job = std::function<void(std::size_t)>;

/// What one call has to do. Guarded by the mutex of the threads.
struct Batch {
  std::size_t count;
  std::size_t threads;  ///< that may work on it at once
  const Job& job;
  std::size_t started = 0;
  std::size_t finished = 0;
  std::exception_ptr failure = nullptr;
};

class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  void run(Batch& batch) {
    grow(batch.threads);
    std::unique_lock lock(mutex_);
    batches_.push_back(&batch);
    wake_.notify_all();
    changed_.wait(lock, [&] { return batch.finished == batch.count; });
    if (batch.failure) std::rethrow_exception(batch.failure);
  }

 private:
  void grow(std::size_t threads);
  void work();
  Batch* next_batch();
  void run_one(Batch& batch, std::unique_lock<std::mutex>& lock);

  std::mutex growing_;
  std::vector<std::thread> workers_;  ///< guarded by growing_

  std::mutex mutex_;
  std::condition_variable wake_;     ///< for workers: a batch came, or the end
  std::condition_variable changed_;  ///< for callers: a batch is done, or a worker is ready
  std::deque<Batch*> batches_;       ///< those with jobs that have not started
  std::size_t ready_ = 0;            ///< workers
  bool stopping_ = false;
};

/// LibTorch keeps the number of threads of each thread and, beside it, the number that a new thread
/// begins with; setting one sets both. So the caller sets both to 1 while the workers begin, and
/// then again as they were. That is also why workers are kept: with each setting LibTorch builds a
/// pool of so many threads less one, which spin for some milliseconds.
void Threads::grow(std::size_t threads) {
  const std::lock_guard growing(growing_);
  if (workers_.size() >= threads) return;
  const int threads_of_caller = at::get_num_threads();
  at::set_num_threads(1);
  try {
    while (workers_.size() < threads) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {  // the system has no more threads; fewer do, too
    at::set_num_threads(threads_of_caller);
    if (workers_.empty()) throw;
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_ == workers_.size(); });
  }
  at::set_num_threads(threads_of_caller);
}

void Threads::work() {
  // Asking makes a thread begin with its number; someone else may have set that meanwhile.
  if (at::get_num_threads() != 1) at::set_num_threads(1);
  std::unique_lock lock(mutex_);
  ++ready_;
  changed_.notify_all();
  while (true) {
    Batch* batch = nullptr;
    wake_.wait(lock, [&] { return stopping_ || (batch = next_batch()) != nullptr; });
    if (batch == nullptr) return;
    run_one(*batch, lock);
  }
}

/// The first that has room for another thread.
Batch* Threads::next_batch() {
  const auto found = std::find_if(batches_.begin(), batches_.end(), [](const Batch* batch) {
    return batch->started - batch->finished < batch->threads;
  });
  return found == batches_.end() ? nullptr : *found;
}

void Threads::run_one(Batch& batch, std::unique_lock<std::mutex>& lock) {
  const std::size_t index = batch.started++;
  if (batch.started == batch.count) std::erase(batches_, &batch);
  lock.unlock();
  std::exception_ptr failure;
  try {
    batch.job(index);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  ++batch.finished;
  if (failure && !batch.failure) {
    batch.failure = failure;
    // Those that have not started count as done.
    batch.finished += batch.count - batch.started;
    batch.started = batch.count;
    std::erase(batches_, &batch);
  }
  if (batch.finished == batch.count) changed_.notify_all();
}

}  // namespace

void run_side_by_side(std::size_t count, const Job& job) {
  const auto threads =
      static_cast<std::size_t>(at::in_parallel_region() ? 1 : at::get_num_threads());
  if (threads == 1 || 2 * count < threads) {
    for (std::size_t i = 0; i < count; ++i) job(i);
    return;
  }
  static Threads workers;
  Batch batch{.count = count, .threads = std::min(count, threads), .job = job};
  workers.run(batch);
}

}  // namespace likeness::net
