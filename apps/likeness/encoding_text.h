#pragma once

/// Encodings as text, for lines of JSON.

#include <string>
#include <string_view>

#include <likeness/core/base64.h>
#include <likeness/faces/encoder.h>

namespace likeness::cli {

/// Of the float32 numbers, little endian.
std::string to_base64(const Encoding& encoding);
using likeness::to_base64;
/// Throws Error(corrupt_file).
Encoding encoding_from_base64(std::string_view text);

}  // namespace likeness::cli
