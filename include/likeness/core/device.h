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
/// Matrix products then use as many, but one where `threads` is one or two: OpenBLAS keeps threads
/// of its own, which spin after each product and so take the time of LibTorch's. Never more than
/// OpenBLAS began with, which OPENBLAS_NUM_THREADS sets. Throws Error(invalid_argument) outside
/// 0…1024.
void set_thread_count(int threads);

/// Matrix products of this process then use `threads` threads, at least 1. False when the system's
/// BLAS is not OpenBLAS, and nothing was set.
bool set_blas_threads(int threads);

/// True when `device` computes in bfloat16 faster than in float32: GPUs, and processors with
/// AVX512-BF16 or AMX. Others emulate it.
bool has_fast_bfloat16(c10::Device device);

}  // namespace likeness
