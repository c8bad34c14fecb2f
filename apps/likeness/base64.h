#pragma once

/// Bytes as text, for lines of JSON.

#include <cstdint>
#include <span>
#include <string>

#include <likeness/core/files.h>
#include <likeness/faces/encoder.h>

namespace likeness::cli {

std::string to_base64(std::span<const std::uint8_t> bytes);
/// Throws Error(corrupt_file).
Bytes from_base64(const std::string& text);

/// Of the float32 numbers, little endian.
std::string to_base64(const Encoding& encoding);
/// Throws Error(corrupt_file).
Encoding encoding_from_base64(const std::string& text);

}  // namespace likeness::cli
