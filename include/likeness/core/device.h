#pragma once

/// Where networks run: the device and the number of threads.

#include <string_view>

#include <c10/core/Device.h>

namespace likeness {

/// The device that `name` means: "cpu", "cuda" (the first GPU), "cuda:N", or "auto" (a GPU when
/// this build and machine have one, else the CPU).
/// Throws Error(invalid_argument) for another name, Error(unavailable) for a GPU that is not there.
c10::Device choose_device(std::string_view name);

/// Number of processor cores this process may use, at least 1.
int core_count();

/// Sets how many threads one tensor operation uses; 0 means all cores. LibTorch and OpenCV start
/// with settings of their own (Debian's LibTorch with a single thread), so programs call this once.
/// Throws Error(invalid_argument) outside 0…1024.
void set_thread_count(int threads);

/// True when `device` computes in bfloat16 faster than in float32: GPUs, and processors with
/// AVX512-BF16 or AMX. Others emulate it.
bool has_fast_bfloat16(c10::Device device);

}  // namespace likeness
