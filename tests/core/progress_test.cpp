#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/progress.h>

#include "support/error_code.h"

namespace likeness {
namespace {

TEST(Progress, TheBaseClassTakesEverythingAndSaysNothing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Progress silent;
  silent.begin("reading", 3);
  silent.update(1);
  silent.note("b.jpg was skipped");
  silent.end();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Cancellation, IsNotRequestedAtFirst) {
  const Cancellation cancellation;
  EXPECT_FALSE(cancellation.requested());
  EXPECT_NO_THROW(cancellation.check());
}

TEST(Cancellation, StaysRequested) {
  Cancellation cancellation;
  cancellation.request();
  cancellation.request();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(cancellation.requested());
    EXPECT_EQ(code_of([&] { cancellation.check(); }), ErrorCode::cancelled);
  }
}

TEST(Cancellation, ReachesWorkOnOtherThreads) {
  Cancellation cancellation;
  std::atomic<int> working = 0;
  std::atomic<int> stopped = 0;
  const auto work = [&] {
    ++working;
    try {
      while (true) cancellation.check();
    } catch (const Error&) {
      ++stopped;
    }
  };
  std::thread first(work);
  std::thread second(work);
  while (working < 2) std::this_thread::yield();
  EXPECT_EQ(stopped, 0);
  cancellation.request();
  first.join();
  second.join();
  EXPECT_EQ(stopped, 2);
}

}  // namespace
}  // namespace likeness
