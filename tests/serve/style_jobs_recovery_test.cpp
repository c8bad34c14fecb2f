/// Services that are stopped or killed, and what the next one makes of their jobs.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/style_jobs_fixture.h"

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;

class StyleJobsRecovery : public StyleJobsFixture {};

TEST_F(StyleJobsRecovery, AStopKeepsThePaintingsAndTheNextStartGoesOn) {
  std::string painted;
  std::string waiting;
  {
    StyleJobs jobs(options());
    painted = jobs.create(long_order(), kAnna).id;
    waiting = jobs.create(short_order(), kBert).id;
    wait_until_painted(jobs, painted);
  }
  const StyleJob kept = record_of({.id = painted});
  EXPECT_EQ(kept.state, StyleJobState::queued);
  EXPECT_EQ(kept.attempts, 0);  // an end in order is no failed attempt
  EXPECT_TRUE(fs::exists(file(kept, "state")));
  StyleJobs jobs(options());
  wait_until(jobs, painted, [&](const StyleJob& job) { return job.iteration > kept.iteration; });
  EXPECT_TRUE(log_.has("goes on from its state"));
  EXPECT_EQ(jobs.find(waiting, kBert).state, StyleJobState::queued);
  jobs.remove(painted, kAnna);
  EXPECT_EQ(wait_until_finished(jobs, waiting).state, StyleJobState::done);
}

/// Where the process below works; it is this program, started by the test after it.
constexpr char kChildFolder[] = "LIKENESS_TEST_STYLE_FOLDER";

TEST(DISABLED_StyleJobsChild, PaintsUntilItIsKilled) {
  const char* folder = std::getenv(kChildFolder);
  ASSERT_NE(folder, nullptr);
  StyleJobs jobs({.folder = folder, .threads = 1, .state_every = 1e-3});
  jobs.create(long_order(), kAnna);
  jobs.create(short_order(), kAnna);
  std::this_thread::sleep_for(std::chrono::minutes(5));
}

TEST_F(StyleJobsRecovery, AKilledServiceLosesNoJob) {
  const fs::path folder = folder_.path() / "style";
  const std::string environment = std::string(kChildFolder) + "=" + folder.string();
  const pid_t child = ::fork();
  if (child == 0) {
    ::putenv(const_cast<char*>(environment.c_str()));
    ::execl("/proc/self/exe", "serve_tests", "--gtest_filter=DISABLED_StyleJobsChild.*",
            "--gtest_also_run_disabled_tests", nullptr);
    ::_exit(127);
  }
  ASSERT_GT(child, 0);
  const auto jobs_there = [&] {
    int jobs = 0;
    bool state = false;
    if (fs::exists(folder))
      for (const auto& entry : fs::directory_iterator(folder)) {
        jobs += fs::exists(entry.path() / "job.json") ? 1 : 0;
        state |= fs::exists(entry.path() / "state");
      }
    return jobs == 2 && state;
  };
  for (int i = 0; i < 2400 && !jobs_there(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(jobs_there());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  StyleJobs jobs(options());
  EXPECT_TRUE(log_.has("was cut off in attempt 1"));
  const auto list = jobs.list(kAnna);
  ASSERT_EQ(list.size(), 2U);
  const std::string painted = list.back().id;
  EXPECT_EQ(wait_until_painted(jobs, painted).attempts, 2);
  EXPECT_TRUE(log_.has("goes on from its state"));
  EXPECT_FALSE(log_.has("begins anew"));
  jobs.remove(painted, kAnna);
  EXPECT_EQ(wait_until_finished(jobs, list.front().id).state, StyleJobState::done);
}

TEST_F(StyleJobsRecovery, APaintingThatWasCutOffWithoutAStateBeginsAnew) {
  const StyleJob left = left_behind([](StyleJob& job) {
    job.state = StyleJobState::running;
    job.attempts = 2;
  });
  StyleJobs jobs(options());
  const StyleJob job = wait_until_finished(jobs, left.id);
  EXPECT_EQ(job.state, StyleJobState::done);
  EXPECT_EQ(job.attempts, 3);
  EXPECT_EQ(job.iteration, 6);
}

TEST_F(StyleJobsRecovery, APaintingThatEndsTheServiceThreeTimesIsGivenUp) {
  const StyleJob left = left_behind([](StyleJob& job) {
    job.state = StyleJobState::running;
    job.attempts = 3;
  });
  StyleJobs jobs(options());
  const StyleJob job = jobs.find(left.id, kAnna);
  EXPECT_EQ(job.state, StyleJobState::failed);
  ASSERT_TRUE(job.error.has_value());
  EXPECT_EQ(job.error->code, "interrupted");
  EXPECT_NE(job.error->detail.find("3 times"), std::string::npos);
  EXPECT_TRUE(log_.has("given up"));
  EXPECT_EQ(record_of(job).state, StyleJobState::failed);
}

TEST_F(StyleJobsRecovery, AStateThatCannotBeUsedMeansBeginningAnew) {
  const StyleJob left = left_behind([](StyleJob& job) { job.attempts = 1; });
  write_file(file(left, "state"), "broken");
  write_file(file(left, ".state.half"), "what a killed service was writing");
  StyleJobs jobs(options());
  EXPECT_FALSE(fs::exists(file(left, ".state.half")));
  EXPECT_EQ(wait_until_finished(jobs, left.id).state, StyleJobState::done);
  EXPECT_TRUE(log_.has("begins anew"));
}

}  // namespace
}  // namespace likeness::serve
