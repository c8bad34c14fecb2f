#pragma once

#include <cstdint>
#include <span>

namespace likeness {

/// The orientation (1…8) that an EXIF block (from its "II" or "MM" on, with or without "Exif\0\0"
/// before it) names; 1 when it names none or is broken. Never reads outside of `block`.
int exif_orientation(std::span<const std::uint8_t> block);

}  // namespace likeness
