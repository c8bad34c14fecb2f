#include "style/tile.h"

#include <algorithm>

namespace likeness {

std::vector<Tile> tiles_of(std::int64_t height, std::int64_t width, std::int64_t side,
                           net::Tap last) {
  const std::int64_t reach = (net::VggImpl::reach(last) + kTileGrid - 1) / kTileGrid * kTileGrid;
  const auto spans = [&](std::int64_t size) {
    std::vector<Tile::Span> list;
    const std::int64_t step = side > 0 ? side : size;
    for (std::int64_t from = 0; from < size;) {
      // What would be less than half a tile belongs to the one before.
      const std::int64_t to = size - from < step + step / 2 ? size : from + step;
      list.push_back({.begin = std::max<std::int64_t>(0, from - reach),
                      .from = from,
                      .to = to,
                      .end = std::min(size, to + reach),
                      .size = size});
      from = to;
    }
    return list;
  };
  std::vector<Tile> tiles;
  for (const Tile::Span& y : spans(height))
    for (const Tile::Span& x : spans(width)) tiles.push_back({.y = y, .x = x});
  return tiles;
}

}  // namespace likeness
