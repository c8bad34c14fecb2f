#pragma once

/// What this process takes of the machine, from /proc.

#include <cstdint>

namespace likeness::serve {

std::int64_t resident_bytes();
/// Of all threads since the start, in user and system mode.
double cpu_seconds();
/// When the process started, in seconds since 1970.
double start_time_seconds();

}  // namespace likeness::serve
