#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <likeness/image/codec.h>

namespace likeness {

/// The format whose signature `bytes` begin with, whatever the file is called.
std::optional<ImageFormat> recognise_format(std::span<const std::uint8_t> bytes);

/// What a file of another kind seems to be, for people: "a GIF", "text", "a PDF document", or "not
/// a known kind of picture" with its first bytes. Requires bytes that are not empty.
std::string describe_unknown(std::span<const std::uint8_t> bytes);

}  // namespace likeness
