#pragma once

/// Paintings by descent that take a moment, for tests.

#include <vector>

#include <likeness/image/tensor.h>
#include <likeness/style/stylise.h>

#include "style/tiny_network.h"

namespace likeness {

inline Image picture_of(int width, int height, std::uint64_t seed) {
  return to_image(smooth_picture(height, width, seed));
}

/// Few steps, one size, one view.
inline StyliseOptions short_run() {
  StyliseOptions options;
  options.iterations = 12;
  options.coarsest = 0;
  options.views = 1;
  options.tolerance = 0;
  return options;
}

inline StyliseResult paint(const Image& content, const std::vector<StyleSource>& styles,
                           const StyliseOptions& options) {
  Progress silent;
  return stylise(tiny_network(true), content, styles, options, silent, nullptr);
}

}  // namespace likeness
