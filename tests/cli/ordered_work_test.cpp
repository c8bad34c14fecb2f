#include "ordered_work.h"

#include <atomic>
#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

namespace likeness::cli {
namespace {

void nothing() {}

TEST(RunInOrder, GivesResultsInOrderWhateverJobIsSlow) {
  std::vector<std::size_t> results;
  run_in_order(
      100, 4, nothing,
      [](std::size_t job) {
        if (job % 7 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return job * job;
      },
      [&](std::size_t result) {
        results.push_back(result);
        return true;
      });
  ASSERT_EQ(results.size(), 100U);
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], i * i);
}

TEST(RunInOrder, PreparesEachWorkerOnce) {
  std::atomic<int> prepared = 0;
  run_in_order(
      50, 3, [&] { ++prepared; }, [](std::size_t job) { return job; },
      [](std::size_t) { return true; });
  EXPECT_EQ(prepared, 3);
}

TEST(RunInOrder, NoJobRunsFarAheadOfTheOneThatIsWaitedFor) {
  constexpr std::size_t kWorkers = 2;
  std::atomic<std::size_t> started = 0;
  std::size_t taken = 0;
  run_in_order(
      200, kWorkers, nothing,
      [&](std::size_t job) {
        ++started;
        return job;
      },
      [&](std::size_t) {
        ++taken;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        EXPECT_LE(started, taken + 4 * kWorkers);
        return true;
      });
  EXPECT_EQ(taken, 200U);
}

TEST(RunInOrder, StopsWhenTheConsumerHasEnough) {
  std::size_t taken = 0;
  run_in_order(
      1'000'000, 2, nothing, [](std::size_t job) { return job; },
      [&](std::size_t) { return ++taken < 5; });
  EXPECT_EQ(taken, 5U);
}

TEST(RunInOrder, PassesOnTheExceptionOfAJob) {
  const auto job = [](std::size_t index) {
    if (index == 3) throw std::runtime_error("job 3");
    return index;
  };
  EXPECT_THROW(run_in_order(10, 2, nothing, job, [](std::size_t) { return true; }),
               std::runtime_error);
}

TEST(RunInOrder, PassesOnTheExceptionOfTheConsumer) {
  const auto consume = [](std::size_t) -> bool { throw std::runtime_error("disk full"); };
  EXPECT_THROW(run_in_order(
                   10, 2, nothing, [](std::size_t job) { return job; }, consume),
               std::runtime_error);
}

TEST(RunInOrder, NoJobsAreNoWork) {
  run_in_order(
      0, 2, nothing, [](std::size_t job) { return job; },
      [](std::size_t) -> bool { throw std::logic_error("there is no result"); });
}

}  // namespace
}  // namespace likeness::cli
