#include <algorithm>
#include <cmath>

#include <likeness/core/error.h>
#include <likeness/faces/face.h>

namespace likeness {

std::size_t main_face(std::span<const Face> faces, int image_width, int image_height) {
  LIKENESS_CHECK(!faces.empty());
  // Half the picture's diagonal away from the centre, a face must be eight times as large to win.
  // With four times, a blurred passer-by won in one of LFW's development pictures.
  const float half_diagonal = std::hypot(image_width / 2.0F, image_height / 2.0F);
  const auto weight = [&](const Face& face) {
    const Point center = face.box.center();
    const float distance =
        std::hypot(center.x - image_width / 2.0F, center.y - image_height / 2.0F) / half_diagonal;
    return face.box.area() * std::exp2(-3 * distance);
  };
  const auto best = std::max_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
    return weight(a) < weight(b);
  });
  return static_cast<std::size_t>(best - faces.begin());
}

}  // namespace likeness
