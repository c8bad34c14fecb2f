#pragma once

#include <vector>

#include <likeness/image/image.h>

#include "train/perceptual_pictures.h"

namespace likeness {

/// The pictures that a painter learns from.
struct PainterPictures {
  PerceptualPictures contents;
  PerceptualPictures styles;      ///< empty: those of `contents`, or fixed ones
  std::vector<Image> fixed = {};  ///< the only styles that there are

  const PerceptualPictures& paintings() const {
    return styles.training.empty() ? contents : styles;
  }
};

}  // namespace likeness
