#pragma once

/// `likeness style --fast` as one call: paints a content of any size in one or more styles with one
/// pass of a painter, large pictures in tiles without seams. Thread-safe: a call shares nothing
/// with others but the painter.
///
///     const OnePassResult result = paint_in_one_pass(painter, photo, {{.picture = painting}}, {},
///                                                    progress, nullptr);
///
/// Tiles have a border of the network's reach, so that only the statistics that features are
/// carried from could tell them from the whole picture. All tiles are encoded first, for those of
/// all of it; then each is painted with them. (Chen et al. 2022, "Towards ultra-resolution neural
/// style transfer via thumbnail instance normalization", take those of a small copy, where
/// structure has another scale.)

#include <cstdint>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/image/image.h>
#include <likeness/style/one_pass_painter.h>
#include <likeness/style/stylise.h>

namespace likeness {

struct OnePassStyle {
  Image picture = {};      ///< the style
  std::string known = {};  ///< or the name of a style that the painter knows
  at::Tensor code = {};    ///< or its code, from style_code()
  double share = 1;        ///< of the mixture; scaled to sum to 1 over styles without a region
  Image mask = {};         ///< the part of `picture` that counts, white in black; empty: all
  Image region = {};       ///< the part of the content that is painted with it; empty: all
};

struct OnePassOptions {
  PaintControls controls = {};
  int size = 0;            ///< longest side of the result; 0: the content's
  double style_scale = 1;  ///< longest side of a style against that of the result
  OriginalColours original_colours = OriginalColours::no;
  std::int64_t memory = 0;     ///< bytes that may be used; 0: 70 % of what is free
  std::int64_t tile_side = 0;  ///< of the inner part, a multiple of 8; 0: chosen by the memory
};

struct OnePassResult {
  Image picture;                 ///< with the content's alpha
  double seconds = 0;            ///< in all
  double style_seconds = 0;      ///< for the styles' codes
  std::int64_t memory_need = 0;  ///< bytes that were estimated
  std::int64_t tile_side = 0;    ///< 0: painted as a whole
};

/// What painting `content` in `style` with `options` computes of the style, for painting other
/// contents at that size without looking at the style again (its share and region do not matter;
/// OriginalColours::match makes the code one for this content). Throws as paint_in_one_pass.
at::Tensor style_code(const OnePassPainter& painter, const Image& content,
                      const OnePassStyle& style, const OnePassOptions& options);

/// Regions rule where they are white; where several meet they share; what no region covers is
/// painted with the styles that have none, or stays as it is. Transparent parts of pictures count
/// as white.
/// Throws Error: invalid_argument (options that cannot be used, an empty mask or region, a painter
/// that does not know a style), too_large, cancelled.
OnePassResult paint_in_one_pass(const OnePassPainter& painter, const Image& content,
                                const std::vector<OnePassStyle>& styles,
                                const OnePassOptions& options, Progress& progress,
                                const Cancellation* cancellation);

}  // namespace likeness
