#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/worker_pool.h>

namespace likeness {
namespace {

const auto ignore = [](std::size_t) {};

TEST(WorkerPool, RunsEveryJobOnce) {
  for (const int threads : {1, 3, 50}) {
    std::vector<std::atomic<int>> runs(20);
    run_jobs(
        runs.size(), threads, [&](std::size_t i) { ++runs[i]; }, ignore);
    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

TEST(WorkerPool, ReportsOnTheCallingThreadRisingUpToTheEnd) {
  std::vector<std::size_t> seen;
  const auto caller = std::this_thread::get_id();
  run_jobs(30, 4, ignore, [&](std::size_t finished) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(finished);
  });
  ASSERT_FALSE(seen.empty());
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GT(seen[i], seen[i - 1]);
  EXPECT_EQ(seen.back(), 30U);
}

TEST(WorkerPool, WithoutJobsThereIsNothingToReport) {
  run_jobs(0, 2, ignore, [](std::size_t) { ADD_FAILURE(); });
}

TEST(WorkerPool, TheFirstExceptionOfAJobStopsTheRestAndIsThrown) {
  std::atomic<int> runs = 0;
  const auto job = [&](std::size_t i) {
    ++runs;
    if (i == 2) throw std::runtime_error("job 2");
  };
  try {
    run_jobs(100, 1, job, ignore);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), "job 2");
  }
  EXPECT_EQ(runs, 3);
}

TEST(WorkerPool, AnExceptionOfTheObserverStopsTheJobsToo) {
  std::atomic<bool> thrown = false;
  std::atomic<int> after = 0;
  const auto job = [&](std::size_t) {
    if (thrown) ++after;
    std::this_thread::yield();
  };
  EXPECT_THROW(run_jobs(1'000'000, 2, job,
                        [&](std::size_t) {
                          thrown = true;
                          throw std::runtime_error("observer");
                        }),
               std::runtime_error);
  EXPECT_LT(after, 1'000'000 - 1);
}

TEST(NoteQueue, PassesEachLineOnOnceAndInOrder) {
  struct Lines : Progress {
    void note(std::string_view line) override { seen.emplace_back(line); }
    std::vector<std::string> seen;
  } lines;
  NoteQueue queue;
  queue.add("a");
  queue.add("b");
  queue.pass_on(lines);
  queue.pass_on(lines);
  EXPECT_EQ(lines.seen, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace likeness
