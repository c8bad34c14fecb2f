#pragma once

/// Bytes as text (RFC 4648, section 4, with padding). Pure functions, safe to call from many
/// threads.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <likeness/core/files.h>

namespace likeness {

std::string to_base64(std::span<const std::uint8_t> bytes);
/// Throws Error(corrupt_file) for anything else, white space included.
Bytes from_base64(std::string_view text);

}  // namespace likeness
