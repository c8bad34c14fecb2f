#pragma once

/// Of many boxes round one face, the best: non-maximum suppression, as every sliding-window
/// detector needs it. Pure functions, safe to call from many threads.
///
///     faces = suppress_overlaps(std::move(faces), 0.7F, Overlap::over_union);

#include <algorithm>
#include <cstddef>
#include <vector>

#include <likeness/image/geometry.h>

namespace likeness {

/// How much two boxes overlap: shared area over the union, or over the smaller of the two.
enum class Overlap { over_union, over_smaller };

/// In [0, 1]; 0 for boxes that do not touch.
inline float overlap(const Box& a, const Box& b, Overlap kind) {
  const float shared_width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float shared_height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (shared_width <= 0 || shared_height <= 0) return 0;
  const float shared = shared_width * shared_height;
  const float whole =
      kind == Overlap::over_union ? a.area() + b.area() - shared : std::min(a.area(), b.area());
  return whole > 0 ? shared / whole : 0;
}

/// Of boxes that overlap by more than `limit` only the one with the best score stays; the result is
/// sorted, the best first. Item: has members `box` and `score`. O(n · kept).
template <class Item>
std::vector<Item> suppress_overlaps(std::vector<Item> items, float limit, Overlap kind) {
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.score > b.score; });
  std::vector<Item> kept;
  for (const Item& item : items) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Item& other) {
      return overlap(item.box, other.box, kind) > limit;
    });
    if (!covered) kept.push_back(item);
  }
  return kept;
}

}  // namespace likeness
