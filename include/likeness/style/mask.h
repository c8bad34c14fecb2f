#pragma once

/// Region masks, for guided Gram matrices (Gatys et al. 2017, section 4): white is inside, black is
/// outside, grey is in part inside, and so is what is in part transparent. Pure functions, safe to
/// call from many threads.

#include <filesystem>
#include <string>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>

namespace likeness {

/// Throws Error(invalid_argument) with `name` when nothing is inside.
void check_mask(const Image& mask, const std::string& name);

/// Reads and checks a mask. Throws Error as read_image and check_mask do.
Image read_mask(const std::filesystem::path& path);

/// False when `mask` has another aspect than `picture`, by more than rounding to whole pixels, so
/// that laying it over the picture distorts it.
bool has_aspect_of(const Image& mask, const Image& picture);

/// [height, width] float32, 0…1: how much of each position of a tap of that size is inside, by area
/// averaging (bilinear where the mask is smaller). Above 0 somewhere for a mask that check_mask
/// lets pass. Requires height, width > 0 and a mask that is not empty.
at::Tensor mask_weights(const Image& mask, int height, int width);

}  // namespace likeness
