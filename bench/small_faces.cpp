#include "small_faces.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

namespace likeness::bench {
namespace {

constexpr int kLargeSide = 1024;

/// `face`, where it is once the picture is scaled and then moved.
Face moved(Face face, float scale, Point by) {
  const auto move = [&](Point& p) { p = {p.x * scale + by.x, p.y * scale + by.y}; };
  auto& l = face.landmarks;
  for (Point* p : {&l.left_eye, &l.right_eye, &l.nose, &l.left_mouth, &l.right_mouth}) move(*p);
  face.box = {face.box.x * scale + by.x, face.box.y * scale + by.y, face.box.width * scale,
              face.box.height * scale};
  return face;
}

bool found(const std::vector<Face>& faces, const Face& reference) {
  return best_error(faces, reference) < kFoundError;
}

/// The faces on which all methods agree, so that none is favoured.
std::vector<Face> agreed_faces(const std::vector<Method>& methods, const Image& image) {
  auto faces = methods.front().detect(image);
  for (std::size_t i = 1; i < methods.size(); ++i) {
    const auto others = methods[i].detect(image);
    std::erase_if(faces, [&](const Face& face) { return !found(others, face); });
  }
  return faces;
}

float shorter_side(const Face& face) {
  return std::min(face.box.width, face.box.height);
}

}  // namespace

std::vector<std::filesystem::path> sample_photos(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> photos;
  for (int i = 1;; ++i) {
    const auto path = folder / ("sample" + std::to_string(i) + ".jpg");
    if (!std::filesystem::exists(path)) return photos;
    photos.push_back(path);
  }
}

std::vector<SmallFaceMeasures> measure_small_faces(const std::vector<Method>& methods,
                                                   const std::vector<std::filesystem::path>& photos,
                                                   float face_size) {
  std::vector<SmallFaceMeasures> measures(methods.size());
  for (const auto& path : photos) {
    const Image photo = read_image(path);
    const auto faces = agreed_faces(methods, photo);
    if (faces.empty()) continue;
    const auto smallest = std::min_element(
        faces.begin(), faces.end(),
        [](const Face& a, const Face& b) { return shorter_side(a) < shorter_side(b); });
    const float scale = std::min(1.0F, face_size / shorter_side(*smallest));
    const auto scaled = [&](int side) {
      return std::max(1, static_cast<int>(std::lround(static_cast<float>(side) * scale)));
    };
    const Image small = resize(photo, scaled(photo.width()), scaled(photo.height()));
    const int left = (kLargeSide - small.width()) / 2;
    const int top = (kLargeSide - small.height()) / 2;
    const Image large = crop(small, -left, -top, kLargeSide, kLargeSide);
    const Point corner{static_cast<float>(left), static_cast<float>(top)};
    for (std::size_t i = 0; i < methods.size(); ++i) {
      const auto alone = methods[i].detect(small);
      const auto inside = methods[i].detect(large);
      for (const Face& face : faces) {
        ++measures[i].faces;
        measures[i].found_alone += found(alone, moved(face, scale, {})) ? 1 : 0;
        measures[i].found_in_large += found(inside, moved(face, scale, corner)) ? 1 : 0;
      }
    }
  }
  return measures;
}

}  // namespace likeness::bench
