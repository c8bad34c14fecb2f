#pragma once

/// Times and sizes as people type them.

#include <cstdint>
#include <string>

namespace likeness::cli {

/// "60s", "2m", "1h" or seconds. Throws Error(invalid_argument).
double parse_duration(const std::string& text, const std::string& option);
/// "800M", "4G", "6.5GB" or bytes. Throws Error(invalid_argument).
std::int64_t parse_bytes(const std::string& text, const std::string& option);

}  // namespace likeness::cli
