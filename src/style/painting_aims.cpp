#include "style/painting_aims.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ATen.h>

namespace likeness {
namespace {

at::Tensor as_seen(const at::Tensor& picture, View view) {
  return seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

PaintingAims::PaintingAims(const PerceptualNetwork& network, const Image& content,
                           const std::vector<StyleSource>& styles, const StyliseOptions& options)
    : network_(network),
      content_(content),
      styles_(styles),
      options_(options),
      last_(options.weights.last_tap()),
      cache_(options.cache) {}

StyleObjective PaintingAims::at(Size size, View view, std::int64_t tile_side) const {
  std::vector<StylePart> parts;
  for (const StyleSource& style : styles_) parts.push_back(part_at(style, size, view));
  return {network_,
          as_seen(canvas(content_, size, last_, network_.device()), view),
          std::move(parts),
          options_.weights,
          {.side = tile_side}};
}

StylePart PaintingAims::part_at(const StyleSource& style, Size size, View view) const {
  const Size own = {style.picture.width(), style.picture.height()};
  const int longest =
      std::max(1, static_cast<int>(std::lround(options_.style_scale * size.longest())));
  const Size scaled = scaled_size(own, longest);
  const auto device = network_.device();
  StylePart part;
  part.share = style.share;
  at::Tensor mask;
  if (!style.mask.empty()) mask = seen(mask_canvas(style.mask, scaled, last_, device), view);
  if (!style.region.empty()) part.mask = seen(mask_canvas(style.region, size, last_, device), view);
  part.target = cache_.target(network_, as_seen(canvas(style.picture, scaled, last_, device), view),
                              mask, options_.weights, options_.seed);
  return part;
}

}  // namespace likeness
