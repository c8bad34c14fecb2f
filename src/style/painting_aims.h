#pragma once

#include <cstdint>
#include <vector>

#include <likeness/image/image.h>
#include <likeness/style/objective.h>
#include <likeness/style/stylise.h>
#include <likeness/style/views.h>

#include "style/canvas.h"
#include "style/target_cache.h"

namespace likeness {

/// The cost of a painting at any size: its content, styles and masks are scaled to it. Refers to
/// what it is given.
class PaintingAims {
 public:
  PaintingAims(const PerceptualNetwork& network, const Image& content,
               const std::vector<StyleSource>& styles, const StyliseOptions& options);

  /// In one view. `tile_side` as in TileOptions.
  StyleObjective at(Size size, View view, std::int64_t tile_side) const;

 private:
  StylePart part_at(const StyleSource& style, Size size, View view) const;

  const PerceptualNetwork& network_;
  const Image& content_;
  const std::vector<StyleSource>& styles_;
  const StyliseOptions& options_;
  net::Tap last_;
  TargetCache cache_;
};

}  // namespace likeness
