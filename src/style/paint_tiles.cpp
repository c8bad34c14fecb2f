#include "style/paint_tiles.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

/// The tiles of a picture, row by row.
std::vector<PictureArea> areas_of(const Image& picture, int side) {
  std::vector<PictureArea> tiles;
  for (int y = 0; y < picture.height(); y += side)
    for (int x = 0; x < picture.width(); x += side)
      tiles.push_back({.x = x,
                       .y = y,
                       .width = std::min(side, picture.width() - x),
                       .height = std::min(side, picture.height() - y)});
  return tiles;
}

void copy_into(const Image& from, int from_x, int from_y, const PictureArea& area, Image& to) {
  for (int y = 0; y < area.height; ++y)
    std::copy_n(from.row(from_y + y) + std::ptrdiff_t{3} * from_x, std::size_t{3} * area.width,
                to.row(area.y + y) + std::ptrdiff_t{3} * area.x);
}

/// `area` with the network's reach around it, as far as the picture goes; starts stay multiples of
/// 8, so that tiles see the grid that the whole picture has.
PictureArea with_border(const PictureArea& area, const Image& picture) {
  const int left = std::max(0, area.x - kPaintReach);
  const int top = std::max(0, area.y - kPaintReach);
  return {.x = left,
          .y = top,
          .width = std::min(picture.width(), area.x + area.width + kPaintReach) - left,
          .height = std::min(picture.height(), area.y + area.height + kPaintReach) - top};
}

at::Tensor seen_in(const Image& picture, const PictureArea& area) {
  return to_tensor(crop(picture, area.x, area.y, area.width, area.height));
}

/// map: [H, W].
at::Tensor in_area(const at::Tensor& map, const PictureArea& area) {
  return map.narrow(0, area.y, area.height).narrow(1, area.x, area.width);
}

/// The statistics of a whole from those of its parts.
class SumOfParts {
 public:
  void add(const net::PainterStatistics& part, double places) {
    places_ += places;
    for (std::size_t s = 0; s < part.means.size(); ++s) {
      const at::Tensor mean = part.means[s].to(at::kDouble);
      const at::Tensor second = part.covariances[s].to(at::kDouble) + at::outer(mean, mean);
      if (s == means_.size()) {
        means_.push_back(places * mean);
        seconds_.push_back(places * second);
        continue;
      }
      means_[s].add_(mean, places);
      seconds_[s].add_(second, places);
    }
  }

  bool empty() const { return places_ <= 0; }

  net::PainterStatistics whole() const {
    net::PainterStatistics result;
    for (std::size_t s = 0; s < means_.size(); ++s) {
      const at::Tensor mean = means_[s] / places_;
      result.means.push_back(mean.to(at::kFloat));
      result.covariances.push_back((seconds_[s] / places_ - at::outer(mean, mean)).to(at::kFloat));
    }
    return result;
  }

 private:
  double places_ = 0;
  std::vector<at::Tensor> means_;    ///< sums, in float64
  std::vector<at::Tensor> seconds_;  ///< of x·xᵀ
};

/// [K, 1, tiles]: the maps at that place of each tile where they leave most to the content. Maps of
/// the whole picture would take memory.
at::Tensor least_covered(const std::vector<PictureArea>& tiles, const MapsOf& maps_of) {
  std::vector<at::Tensor> places;
  for (const PictureArea& tile : tiles) {
    const at::Tensor maps = maps_of(tile);
    if (!maps.defined()) return {};
    const at::Tensor flat = maps.flatten(1);
    places.push_back(flat.narrow(1, flat.sum(0).argmin().item<std::int64_t>(), 1));
  }
  return at::cat(places, 1).unsqueeze(1);
}

/// The codes that rule in `area`, and where.
PaintCodes codes_in(const PictureArea& area, const at::Tensor& codes, const MapsOf& maps_of) {
  const at::Tensor maps = maps_of(area);
  // The content's own look, where it has a code, rules over what is left.
  const bool own = maps.defined() && codes.size(0) > maps.size(0);
  return {.codes = codes,
          .maps = own ? at::cat({maps, (1 - maps.sum(0, true)).clamp_min(0)}) : maps};
}

/// `tile` as a part of what is `seen`.
PictureArea within(const PictureArea& seen, const PictureArea& tile) {
  return {.x = tile.x - seen.x, .y = tile.y - seen.y, .width = tile.width, .height = tile.height};
}

/// How much of the whole a tile is; of the part that counts where there is a mask.
double places_of(const PictureArea& tile, const at::Tensor& mask) {
  if (mask.defined()) return in_area(mask, tile).sum().item<double>();
  constexpr int kStep = net::PainterImpl::kStep;
  const std::int64_t across = (tile.width + kStep - 1) / kStep;
  const std::int64_t down = (tile.height + kStep - 1) / kStep;
  return static_cast<double>(across * down);
}

/// Work on all tiles, one after another.
void for_each_tile(const Image& picture, int side, const std::string& what, Progress& progress,
                   const Cancellation* cancellation,
                   const std::function<void(const PictureArea& tile)>& work) {
  const std::vector<PictureArea> tiles = areas_of(picture, side);
  progress.begin(what, static_cast<std::int64_t>(tiles.size()));
  std::int64_t done = 0;
  for (const PictureArea& tile : tiles) {
    if (cancellation != nullptr) cancellation->check();
    work(tile);
    progress.update(++done);
  }
  progress.end();
}

}  // namespace

net::PainterStatistics statistics_in_tiles(const OnePassPainter& painter, const Image& picture,
                                           const at::Tensor& mask, int side, Progress& progress,
                                           const Cancellation* cancellation) {
  SumOfParts sum;
  const auto measure = [&](const PictureArea& tile) {
    const double places = places_of(tile, mask);
    if (places <= 0) return;
    const PictureArea seen = with_border(tile, picture);
    sum.add(painter.statistics(seen_in(picture, seen), within(seen, tile),
                               mask.defined() ? in_area(mask, seen) : at::Tensor()),
            places);
  };
  for_each_tile(picture, side, "Measuring tiles", progress, cancellation, measure);
  return sum.whole();
}

Image paint_tiles(const OnePassPainter& painter, const Image& picture, const at::Tensor& codes,
                  const MapsOf& maps_of, const PaintControls& controls, int side,
                  Progress& progress, const Cancellation* cancellation) {
  const net::PainterStatistics statistics =
      statistics_in_tiles(painter, picture, {}, side, progress, cancellation);
  const PaintCodes style{.codes = codes, .maps = least_covered(areas_of(picture, side), maps_of)};
  const at::Tensor ready = painter.resolved(statistics, style, controls).codes;

  net::PaintedStatistics painted;
  while (painted.size() < std::min(painter.looks(), controls.looks)) {
    std::vector<SumOfParts> sums(static_cast<std::size_t>(ready.size(0)));
    const auto measure = [&](const PictureArea& tile) {
      const PictureArea seen = with_border(tile, picture);
      const PictureArea part = within(seen, tile);
      const PaintCodes there = codes_in(seen, ready, maps_of);
      const auto parts =
          painter.painted_statistics(seen_in(picture, seen), there, part, statistics, painted);
      for (std::size_t k = 0; k < parts.size(); ++k) {
        if (parts[k].empty()) continue;
        const at::Tensor map =
            there.maps.defined() ? there.maps[static_cast<std::int64_t>(k)] : at::Tensor();
        sums[k].add(parts[k], places_of(part, map));
      }
    };
    for_each_tile(picture, side, "Measuring what is painted", progress, cancellation, measure);
    auto& look = painted.emplace_back();
    // A code that rules nowhere may be carried from anything.
    for (const SumOfParts& sum : sums) look.push_back(sum.empty() ? statistics : sum.whole());
  }

  Image result(picture.width(), picture.height());
  const auto paint = [&](const PictureArea& tile) {
    const PictureArea seen = with_border(tile, picture);
    const Image part =
        to_image(painter.paint(seen_in(picture, seen), codes_in(seen, ready, maps_of),
                               {.looks = painted.size()}, &statistics, &painted));
    copy_into(part, tile.x - seen.x, tile.y - seen.y, tile, result);
  };
  for_each_tile(picture, side, "Painting in tiles", progress, cancellation, paint);
  return result;
}

}  // namespace likeness
