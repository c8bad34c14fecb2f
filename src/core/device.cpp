#include <algorithm>
#include <charconv>
#include <string>
#include <thread>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <sched.h>
#include <torch/cuda.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace likeness {
namespace {

constexpr int kMaxThreads = 1024;

/// CPUID leaf 7, sub-leaf 1: AVX512-BF16; sub-leaf 0: AMX-BF16.
bool processor_has_bfloat16() {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & (1U << 5)) != 0) return true;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & (1U << 22)) != 0;
#else
  return false;
#endif
}

}  // namespace

c10::Device choose_device(std::string_view name) {
  if (name == "cpu") return c10::kCPU;
  const auto gpus = static_cast<int>(torch::cuda::device_count());
  if (name == "auto") return gpus > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);

  int index = 0;
  bool valid = name == "cuda";
  if (name.starts_with("cuda:")) {
    const auto digits = name.substr(5);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    valid = error == std::errc() && end == digits.end() && index >= 0 && index < 128;
  }
  if (!valid)
    throw Error(ErrorCode::invalid_argument,
                "device '" + std::string(name) + "': use auto, cpu or cuda:N (N from 0)");
  if (index >= gpus)
    throw Error(ErrorCode::unavailable, "device '" + std::string(name) +
                                            "': this build and machine offer " +
                                            std::to_string(gpus) + " GPUs; use --device cpu");
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

int core_count() {
  cpu_set_t allowed;
  int count = 0;
  // The call fails on machines with more processors than the set has room for (1024).
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    count = CPU_COUNT(&allowed);
  else
    count = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(count, 1, kMaxThreads);
}

void set_thread_count(int threads) {
  if (threads < 0 || threads > kMaxThreads)
    throw Error(ErrorCode::invalid_argument, "threads " + std::to_string(threads) +
                                                 ": use 0 (all cores) to " +
                                                 std::to_string(kMaxThreads));
  at::set_num_threads(threads == 0 ? core_count() : threads);
}

bool has_fast_bfloat16(c10::Device device) {
  return device.is_cuda() || (device.is_cpu() && processor_has_bfloat16());
}

}  // namespace likeness
