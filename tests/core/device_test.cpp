#include <algorithm>
#include <string>
#include <thread>

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <sched.h>
#include <torch/cuda.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// Gives the process's first thread its processors back.
class ScopedAffinity {
 public:
  ScopedAffinity() { EXPECT_EQ(sched_getaffinity(0, sizeof(before_), &before_), 0); }
  ~ScopedAffinity() { sched_setaffinity(0, sizeof(before_), &before_); }
  ScopedAffinity(const ScopedAffinity&) = delete;
  ScopedAffinity& operator=(const ScopedAffinity&) = delete;
  const cpu_set_t& before() const { return before_; }

 private:
  cpu_set_t before_ = {};
};

/// 0 where the system's BLAS is not OpenBLAS.
int blas_threads() {
  const auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  return get == nullptr ? 0 : get();
}

const int kBlasThreadsAtStart = blas_threads();

class Threads : public testing::Test {
 protected:
  ~Threads() override { at::set_num_threads(before_); }
  int before_ = at::get_num_threads();
};

TEST(Device, CpuIsAlwaysThere) {
  EXPECT_EQ(choose_device("cpu"), c10::Device(c10::kCPU));
}

TEST(Device, AutoTakesAGpuWhereThereIsOne) {
  const c10::Device expected =
      torch::cuda::device_count() > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  EXPECT_EQ(choose_device("auto"), expected);
}

TEST(Device, AGpuThatIsNotThereIsUnavailableAndTheMessageSaysWhatToDo) {
  const std::string beyond = "cuda:" + std::to_string(torch::cuda::device_count());
  const auto call = [&] { choose_device(beyond); };
  EXPECT_EQ(code_of(call), ErrorCode::unavailable);
  EXPECT_NE(message_of(call).find("'" + beyond + "'"), std::string::npos) << message_of(call);
  EXPECT_NE(message_of(call).find("--device cpu"), std::string::npos) << message_of(call);
  if (torch::cuda::device_count() == 0) {
    EXPECT_EQ(code_of([] { choose_device("cuda"); }), ErrorCode::unavailable);
  } else {
    EXPECT_EQ(choose_device("cuda"), c10::Device(c10::kCUDA, 0));
    EXPECT_EQ(choose_device("cuda:0"), c10::Device(c10::kCUDA, 0));
  }
}

TEST(Device, OtherNamesAreRefused) {
  for (const std::string name :
       {"", "CPU", "cpu ", "cpu:0", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cuda: 1",
        "cuda:+1", "cuda:128", "cuda:99999999999999999999", "cuda0", "cudaa"}) {
    const auto call = [&] { choose_device(name); };
    EXPECT_EQ(code_of(call), ErrorCode::invalid_argument) << name;
    EXPECT_NE(message_of(call).find("'" + name + "'"), std::string::npos) << message_of(call);
  }
}

TEST(Cores, AreThoseThatTheProcessMayUse) {
  const ScopedAffinity affinity;
  EXPECT_EQ(core_count(), CPU_COUNT(&affinity.before()));
  cpu_set_t first;
  CPU_ZERO(&first);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++cpu)
    if (CPU_ISSET(cpu, &affinity.before())) CPU_SET(cpu, &first);
  ASSERT_EQ(sched_setaffinity(0, sizeof(first), &first), 0);
  EXPECT_EQ(core_count(), 1);
}

TEST_F(Threads, AreAsManyAsAskedFor) {
  set_thread_count(3);
  EXPECT_EQ(at::get_num_threads(), 3);
  set_thread_count(1);
  EXPECT_EQ(at::get_num_threads(), 1);
}

TEST_F(Threads, ZeroMeansAllCores) {
  set_thread_count(0);
  EXPECT_EQ(at::get_num_threads(), core_count());
}

TEST_F(Threads, NumbersThatMakeNoSenseAreRefusedAndChangeNothing) {
  set_thread_count(2);
  for (const int threads : {-1, 1025, 1 << 30}) {
    const auto call = [&] { set_thread_count(threads); };
    EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
    EXPECT_NE(message_of(call).find(std::to_string(threads)), std::string::npos);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST_F(Threads, OfMatrixProductsDoNotSpinBesideAFewOthers) {
  if (kBlasThreadsAtStart == 0) {
    EXPECT_FALSE(set_blas_threads(1));
    GTEST_SKIP() << "the system's BLAS is not OpenBLAS";
  }
  for (const int threads : {1, 2}) {
    ASSERT_TRUE(set_blas_threads(4));
    EXPECT_EQ(blas_threads(), 4);
    set_thread_count(threads);
    EXPECT_EQ(blas_threads(), 1) << threads;
  }
  set_thread_count(4);
  EXPECT_EQ(blas_threads(), std::min(4, kBlasThreadsAtStart));
  set_blas_threads(kBlasThreadsAtStart);
}

}  // namespace
}  // namespace likeness
