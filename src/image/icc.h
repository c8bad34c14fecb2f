#pragma once

#include <optional>

#include <likeness/image/image.h>

#include "image/decoder.h"

namespace likeness {

/// `decoded` as sRGB by its embedded ICC profile. Nothing when there is no profile, when the
/// profile is broken or of another kind than the samples, or when it is sRGB within rounding: the
/// samples can then be taken as they are.
std::optional<Image> convert_by_profile(const Decoded& decoded);

}  // namespace likeness
