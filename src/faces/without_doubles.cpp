#include "faces/without_doubles.h"

#include <algorithm>

#include <likeness/faces/non_maximum_suppression.h>

namespace likeness {
namespace {

bool is_far_larger(const Face& face, const Face& other) {
  return face.box.area() > 4 * other.box.area();
}

/// Whether the middle of `part` lies between the landmarks of `whole`: an eye or a mouth that was
/// taken for a small face.
bool lies_within(const Face& part, const Face& whole) {
  const auto points = whole.landmarks.points();
  const auto [left, right] = std::minmax_element(
      points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(
      points.begin(), points.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const Point middle = part.box.center();
  return middle.x >= left->x && middle.x <= right->x && middle.y >= top->y && middle.y <= bottom->y;
}

}  // namespace

std::vector<Face> without_doubles(std::vector<Face> faces) {
  constexpr float kOverlap = 0.7F;
  std::stable_sort(faces.begin(), faces.end(),
                   [](const Face& a, const Face& b) { return a.score > b.score; });
  std::vector<Face> kept;
  for (const Face& face : faces) {
    const auto meets = [&](const Face& other) {
      return overlap(face.box, other.box, Overlap::over_smaller) > kOverlap;
    };
    if (std::any_of(kept.begin(), kept.end(), [&](const Face& better) {
          return meets(better) && !is_far_larger(face, better);
        }))
      continue;
    std::erase_if(kept,
                  [&](const Face& better) { return meets(better) && lies_within(better, face); });
    kept.push_back(face);
  }
  return kept;
}

}  // namespace likeness
