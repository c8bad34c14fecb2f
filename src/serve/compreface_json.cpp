#include "serve/compreface_json.h"

#include <algorithm>
#include <cmath>

#include <likeness/core/error.h>

#include "serve/face_json.h"

namespace likeness::serve {
namespace {

/// CompreFace's coordinates are whole pixels within the picture.
int pixel(float value, int size) {
  return std::clamp(static_cast<int>(std::lround(value)), 0, size);
}

Json box_json(const Face& face, int width, int height) {
  const Box& box = face.box;
  return {{"probability", rounded(face.score)},
          {"x_max", pixel(box.x + box.width, width)},
          {"y_max", pixel(box.y + box.height, height)},
          {"x_min", pixel(box.x, width)},
          {"y_min", pixel(box.y, height)}};
}

Json landmarks_json(const Landmarks& landmarks) {
  Json points = Json::array();
  for (const Point& point : landmarks.points())
    points.push_back(Json::array({std::lround(point.x), std::lround(point.y)}));
  return points;
}

/// CompreFace runs its plugins one after another for each face; here a photo's faces are encoded in
/// one go, so that all of them tell the same times.
Json execution_time(const PhotoAnswer& photo) {
  Json times = {{"detector", std::round(photo.reading_ms)}};
  if (!photo.encoded.empty()) times["calculator"] = std::round(photo.encoding_ms);
  return times;
}

}  // namespace

double rounded(double value) {
  return std::round(value * 1e5) / 1e5;
}

std::size_t encoded_place(const PhotoAnswer& photo, std::size_t face) {
  const auto found = std::find(photo.encoded.begin(), photo.encoded.end(), face);
  LIKENESS_CHECK(found != photo.encoded.end());
  return static_cast<std::size_t>(found - photo.encoded.begin());
}

const Encoding& encoding_of(const PhotoAnswer& photo, std::size_t face) {
  return photo.encodings[encoded_place(photo, face)];
}

Json face_json(const PhotoAnswer& photo, std::size_t face, const FaceOptions& options) {
  Json json = Json::object();
  if (options.embedding) json["embedding"] = encoding_json(encoding_of(photo, face));
  json["box"] = box_json(photo.faces[face], photo.width, photo.height);
  if (options.landmarks) json["landmarks"] = landmarks_json(photo.faces[face].landmarks);
  if (options.status) json["execution_time"] = execution_time(photo);
  return json;
}

Json plugins_versions(const FaceEngine& engine, bool encoded) {
  Json versions = {{"detector", "likeness.mtcnn"}};
  if (encoded) versions["calculator"] = "likeness." + engine.model();
  return versions;
}

}  // namespace likeness::serve
