#include "serve/thread_priority.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace likeness::serve {
namespace {

int own_priority() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

TEST(ThreadPriority, IsLowerForTheThreadAndThoseThatItStartsAlone) {
  const int before = own_priority();
  if (before > 9) GTEST_SKIP() << "the tests run at priority " << before;
  int lowered = 0;
  int inherited = 0;
  std::thread([&] {
    lower_priority(5);
    lowered = own_priority();
    std::thread([&] { inherited = own_priority(); }).join();
  }).join();
  EXPECT_EQ(lowered, before + 5);
  EXPECT_EQ(inherited, before + 5);
  EXPECT_EQ(own_priority(), before);
}

TEST(ThreadPriority, EndsAtTheNicest) {
  int lowered = 0;
  std::thread([&] {
    lower_priority(15);
    lower_priority(15);
    lowered = own_priority();
  }).join();
  EXPECT_EQ(lowered, 19);
}

}  // namespace
}  // namespace likeness::serve
