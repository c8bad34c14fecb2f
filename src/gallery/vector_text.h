#pragma once

/// Encodings as pgvector reads and writes them, [0.25,-1], without loss.

#include <span>
#include <string>
#include <string_view>

#include <likeness/faces/encoder.h>

namespace likeness {

std::string vector_text(std::span<const float> encoding);
/// Throws Error(corrupt_file) for other text.
Encoding parse_vector(std::string_view text);

}  // namespace likeness
