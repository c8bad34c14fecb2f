#include <algorithm>
#include <charconv>
#include <string>
#include <thread>

#include <ATen/Parallel.h>
#include <dlfcn.h>
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
constexpr int kFewThreads = 2;  ///< so few that a spinning one costs more than it gives

/// A function of OpenBLAS, which is reached through the system's libblas; null with another BLAS.
template <class Function>
Function* blas_function(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// What OpenBLAS began with: the cores, or what its environment variable says; 1 for another BLAS.
int first_blas_threads() {
  static const int threads = [] {
    const auto get = blas_function<int()>("openblas_get_num_threads");
    return get == nullptr ? 1 : get();
  }();
  return threads;
}

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
  const int count = threads == 0 ? core_count() : threads;
  at::set_num_threads(count);
  const int most = first_blas_threads();
  set_blas_threads(count <= kFewThreads ? 1 : std::min(count, most));
}

bool set_blas_threads(int threads) {
  first_blas_threads();  // what it began with is known before it changes
  const auto set = blas_function<void(int)>("openblas_set_num_threads");
  if (set != nullptr) set(threads);
  return set != nullptr;
}

bool has_fast_bfloat16(c10::Device device) {
  return device.is_cuda() || (device.is_cpu() && processor_has_bfloat16());
}

}  // namespace likeness
