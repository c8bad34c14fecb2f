#pragma once

/// Many jobs on several threads, their results in order.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace likeness::cli {

/// Hands out job numbers 0…count - 1 and gives their results back in this order. No job runs more
/// than `window` ahead of the result that was taken last, so that memory stays bounded.
template <class Result>
class OrderedResults {
 public:
  OrderedResults(std::size_t count, std::size_t window) : count_(count), window_(window) {}

  /// The next job; nothing when all are handed out or after stop(). Waits for room in the window.
  std::optional<std::size_t> claim() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || next_ == count_ || next_ < taken_ + window_; });
    if (stopped_ || next_ == count_) return std::nullopt;
    return next_++;
  }

  void deliver(std::size_t job, Result result) {
    const std::lock_guard lock(mutex_);
    finished_.emplace(job, std::move(result));
    changed_.notify_all();
  }

  /// The next result in order; nothing after the last one or after stop(). Waits for it.
  std::optional<Result> take() {
    std::unique_lock lock(mutex_);
    if (taken_ == count_) return std::nullopt;
    changed_.wait(lock, [&] { return stopped_ || finished_.contains(taken_); });
    if (stopped_) return std::nullopt;
    Result result = std::move(finished_.extract(taken_).mapped());
    ++taken_;
    changed_.notify_all();
    return result;
  }

  /// Lets everybody who waits go home; `failure` is kept for rethrow().
  void stop(std::exception_ptr failure = nullptr) {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (!failure_) failure_ = std::move(failure);
    changed_.notify_all();
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Result> finished_;
  std::exception_ptr failure_;
  const std::size_t count_;
  const std::size_t window_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;
  bool stopped_ = false;
};

/// Calls job(0) … job(count - 1) on `workers` threads, each of which first calls prepare(), and
/// consume(result) on the calling thread in the order of the jobs. consume returns false to stop
/// early. The first exception is thrown here, after all threads have ended.
template <class Prepare, class Job, class Consume>
void run_in_order(std::size_t count, int workers, const Prepare& prepare, const Job& job,
                  const Consume& consume) {
  using Result = decltype(job(std::size_t{0}));
  OrderedResults<Result> results(count, 4 * static_cast<std::size_t>(workers));
  const auto guarded = [&results](const auto& work) {
    try {
      work();
    } catch (...) {
      results.stop(std::current_exception());
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < workers; ++i)
    threads.emplace_back([&] {
      guarded([&] {
        prepare();
        while (const auto index = results.claim()) results.deliver(*index, job(*index));
      });
    });
  guarded([&] {
    while (auto result = results.take())
      if (!consume(std::move(*result))) results.stop();
  });
  threads.clear();  // joins
  results.rethrow();
}

}  // namespace likeness::cli
