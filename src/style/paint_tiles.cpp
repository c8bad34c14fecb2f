#include "style/paint_tiles.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

/// The collage has so many samples across and down, of at most so many pixels a side.
constexpr int kSamples = 6;
constexpr int kLargestSample = 256;

/// Samples from all over the picture side by side, and where styles rule in them.
struct Collage {
  at::Tensor picture;
  at::Tensor maps;
};

/// Samples of at most `largest` pixels across `length`, evenly from one end to the other: where
/// each begins, and its pixels.
std::vector<std::pair<int, int>> spread(int length, int largest) {
  const int side = std::min(largest, length / 8 * 8);
  const int count = std::min(kSamples, length / side);
  std::vector<std::pair<int, int>> areas;
  for (int i = 0; i < count; ++i)
    areas.emplace_back(count == 1 ? 0 : (length - side) * i / (count - 1), side);
  return areas;
}

/// No larger than a tile with its border.
Collage make_collage(const Image& picture, const MapsOf& maps_of, int tile) {
  const int largest = std::min(kLargestSample, (tile + 2 * kPaintReach) / kSamples / 8 * 8);
  std::vector<at::Tensor> rows;
  std::vector<at::Tensor> map_rows;
  for (const auto& [y, height] : spread(picture.height(), largest)) {
    std::vector<at::Tensor> row;
    std::vector<at::Tensor> map_row;
    for (const auto& [x, width] : spread(picture.width(), largest)) {
      row.push_back(to_tensor(crop(picture, x, y, width, height)));
      const at::Tensor maps = maps_of({.x = x, .y = y, .width = width, .height = height});
      if (maps.defined()) map_row.push_back(maps);
    }
    rows.push_back(at::cat(row, 3));
    if (!map_row.empty()) map_rows.push_back(at::cat(map_row, 2));
  }
  return {.picture = at::cat(rows, 2),
          .maps = map_rows.empty() ? at::Tensor() : at::cat(map_rows, 1)};
}

void copy_into(const Image& from, int from_x, int from_y, const TileArea& area, Image& to) {
  for (int y = 0; y < area.height; ++y)
    std::copy_n(from.row(from_y + y) + std::ptrdiff_t{3} * from_x, std::size_t{3} * area.width,
                to.row(area.y + y) + std::ptrdiff_t{3} * area.x);
}

/// `area` with the network's reach around it, as far as the picture goes; starts stay multiples of
/// 8, so that tiles see the grid that the whole picture has.
TileArea with_border(const TileArea& area, const Image& picture) {
  const int left = std::max(0, area.x - kPaintReach);
  const int top = std::max(0, area.y - kPaintReach);
  return {.x = left,
          .y = top,
          .width = std::min(picture.width(), area.x + area.width + kPaintReach) - left,
          .height = std::min(picture.height(), area.y + area.height + kPaintReach) - top};
}

}  // namespace

Image paint_tiles_with(const OnePassPainter& painter, const Image& picture, const PaintCodes& codes,
                       const MapsOf& maps_of, const net::PainterStatistics& statistics, int side,
                       Progress& progress, const Cancellation* cancellation) {
  Image result(picture.width(), picture.height());
  const int across = (picture.width() + side - 1) / side;
  const int down = (picture.height() + side - 1) / side;
  progress.begin("Painting in tiles", std::int64_t{across} * down);
  for (int i = 0; i < across * down; ++i) {
    if (cancellation != nullptr) cancellation->check();
    TileArea area{.x = i % across * side, .y = i / across * side, .width = side, .height = side};
    area.width = std::min(side, picture.width() - area.x);
    area.height = std::min(side, picture.height() - area.y);
    const TileArea seen = with_border(area, picture);
    PaintCodes here = codes;
    if (codes.maps.defined()) {
      const at::Tensor given = maps_of(seen);
      // The content's own look, where it has a code, rules over what is left.
      here.maps = codes.codes.size(0) > given.size(0)
                      ? at::cat({given, (1 - given.sum(0, true)).clamp_min(0)})
                      : given;
    }
    const Image painted = to_image(painter.paint(
        to_tensor(crop(picture, seen.x, seen.y, seen.width, seen.height)), here, {}, &statistics));
    copy_into(painted, area.x - seen.x, area.y - seen.y, area, result);
    progress.update(i + 1);
  }
  progress.end();
  return result;
}

Image paint_tiles(const OnePassPainter& painter, const Image& picture, const at::Tensor& codes,
                  const MapsOf& maps_of, const PaintControls& controls, int side,
                  Progress& progress, const Cancellation* cancellation) {
  const Collage collage = make_collage(picture, maps_of, side);
  const PaintCodes ready =
      painter.resolved(collage.picture, {.codes = codes, .maps = collage.maps}, controls);
  return paint_tiles_with(painter, picture, ready, maps_of, painter.statistics(collage.picture),
                          side, progress, cancellation);
}

}  // namespace likeness
