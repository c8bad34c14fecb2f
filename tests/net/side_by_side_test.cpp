#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/net/side_by_side.h>

namespace likeness::net {
namespace {

class SideBySide : public ::testing::Test {
 protected:
  ~SideBySide() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

/// Lets jobs go on once so many are in it at the same time.
class MeetingPoint {
 public:
  explicit MeetingPoint(int expected) : expected_(expected) {}
  /// False when the others did not come.
  bool arrive() {
    std::unique_lock lock(mutex_);
    ++here_;
    all_here_.notify_all();
    return all_here_.wait_for(lock, std::chrono::seconds(30), [&] { return here_ >= expected_; });
  }

 private:
  const int expected_;
  int here_ = 0;
  std::mutex mutex_;
  std::condition_variable all_here_;
};

TEST_F(SideBySide, RunsEveryJobOnce) {
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    for (const std::size_t count : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> runs(count);
      run_side_by_side(count, [&](std::size_t i) { ++runs[i]; });
      EXPECT_TRUE(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; }))
          << threads << " threads, " << count << " jobs";
    }
  }
}

TEST_F(SideBySide, UsesAsManyThreadsAsAnOperationMayUse) {
  at::set_num_threads(3);
  MeetingPoint three(3);
  std::atomic<int> met = 0;
  run_side_by_side(3, [&](std::size_t) { met += three.arrive() ? 1 : 0; });
  EXPECT_EQ(met, 3);

  at::set_num_threads(2);  // although there are three workers now
  std::atomic<int> here = 0;
  std::atomic<int> most = 0;
  run_side_by_side(50, [&](std::size_t) {
    const int now = ++here;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --here;
  });
  EXPECT_LE(most, 2);
}

TEST_F(SideBySide, GivesOperationsInsideAJobOneThread) {
  at::set_num_threads(4);
  std::atomic<int> largest = 0;
  run_side_by_side(8,
                   [&](std::size_t) { largest = std::max<int>(largest, at::get_num_threads()); });
  EXPECT_EQ(largest, 1);
}

TEST_F(SideBySide, LeavesFewJobsToOperationsOnAllThreads) {
  at::set_num_threads(4);
  const auto caller = std::this_thread::get_id();
  int runs = 0;
  run_side_by_side(1, [&](std::size_t) {
    ++runs;
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(at::get_num_threads(), 4);
  });
  EXPECT_EQ(runs, 1);
}

TEST_F(SideBySide, LeavesTheNumberOfThreadsAsItWas) {
  at::set_num_threads(6);
  run_side_by_side(6, [](std::size_t) {});
  EXPECT_EQ(at::get_num_threads(), 6);
  int begins_with = 0;
  std::thread([&] { begins_with = at::get_num_threads(); }).join();
  EXPECT_EQ(begins_with, 6) << "new threads too";
}

TEST_F(SideBySide, KeepsTheThreadsForTheNextCall) {
  at::set_num_threads(2);
  const auto ids = [] {
    std::mutex mutex;
    std::set<std::thread::id> found;
    MeetingPoint both(2);
    run_side_by_side(2, [&](std::size_t) {
      both.arrive();
      const std::lock_guard lock(mutex);
      found.insert(std::this_thread::get_id());
    });
    return found;
  };
  std::set<std::thread::id> all;
  for (int i = 0; i < 20; ++i) all.merge(ids());
  EXPECT_LE(all.size(), 6U) << "no more than any test has asked for";
}

TEST_F(SideBySide, ThrowsTheFirstExceptionAndKeepsTheRestBack) {
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    std::atomic<int> runs = 0;
    const auto fail_at_third = [&](std::size_t i) {
      ++runs;
      if (i == 2) throw std::runtime_error("job 2");
    };
    try {
      run_side_by_side(100'000, fail_at_third);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()), "job 2");
    }
    EXPECT_LT(runs, 100'000);
    std::atomic<int> later = 0;
    run_side_by_side(4, [&](std::size_t) { ++later; });
    EXPECT_EQ(later, 4) << "the threads go on";
  }
}

TEST_F(SideBySide, ServesManyCallersAtOnce) {
  at::set_num_threads(2);
  std::atomic<int> runs = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      at::set_num_threads(2);
      for (int call = 0; call < 50; ++call) run_side_by_side(7, [&](std::size_t) { ++runs; });
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(runs, 4 * 50 * 7);
}

TEST_F(SideBySide, AJobMayHaveJobsOfItsOwn) {
  at::set_num_threads(2);
  std::atomic<int> runs = 0;
  run_side_by_side(4, [&](std::size_t) { run_side_by_side(3, [&](std::size_t) { ++runs; }); });
  EXPECT_EQ(runs, 12);
}

}  // namespace
}  // namespace likeness::net
