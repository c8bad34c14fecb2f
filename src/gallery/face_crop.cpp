#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <likeness/core/error.h>
#include <likeness/gallery/face_crop.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

using Coordinates = std::array<float, 10>;

Landmarks moved(const Landmarks& landmarks, Point origin, float scale) {
  const auto move = [&](Point p) {
    return Point{(p.x - origin.x) * scale, (p.y - origin.y) * scale};
  };
  return {move(landmarks.left_eye), move(landmarks.right_eye), move(landmarks.nose),
          move(landmarks.left_mouth), move(landmarks.right_mouth)};
}

}  // namespace

FaceCrop cut_face(const Image& photo, const Face& face) {
  const Point centre = face.box.center();
  const float half = 0.75F * std::max(face.box.width, face.box.height);
  const int left = std::clamp(static_cast<int>(centre.x - half), 0, photo.width() - 1);
  const int top = std::clamp(static_cast<int>(centre.y - half), 0, photo.height() - 1);
  const int right = std::clamp(static_cast<int>(centre.x + half) + 1, left + 1, photo.width());
  const int bottom = std::clamp(static_cast<int>(centre.y + half) + 1, top + 1, photo.height());
  const Image part = crop(without_alpha(photo), left, top, right - left, bottom - top);
  Image small = resize_to_fit(part, kLargestCrop);
  const float scale = static_cast<float>(small.width()) / static_cast<float>(part.width());
  return {std::move(small),
          moved(face.landmarks, {static_cast<float>(left), static_cast<float>(top)}, scale)};
}

Bytes to_bytes(const FaceCrop& crop) {
  Coordinates coordinates;
  std::size_t used = 0;
  for (const Point& point : crop.landmarks.points()) {
    coordinates[used++] = point.x;
    coordinates[used++] = point.y;
  }
  Bytes bytes(sizeof(coordinates));
  std::memcpy(bytes.data(), coordinates.data(), sizeof(coordinates));
  const Bytes png = encode_image(crop.picture, ImageFormat::png);
  bytes.insert(bytes.end(), png.begin(), png.end());
  return bytes;
}

FaceCrop face_crop_from_bytes(std::span<const std::uint8_t> bytes) {
  Coordinates c;
  if (bytes.size() < sizeof(c))
    throw Error(ErrorCode::corrupt_file, "the picture of an enrolled face is cut off");
  std::memcpy(c.data(), bytes.data(), sizeof(c));
  for (const float coordinate : c)
    if (!std::isfinite(coordinate) || std::abs(coordinate) > 10 * kLargestCrop)
      throw Error(ErrorCode::corrupt_file, "the landmarks of an enrolled face are damaged");
  Image picture = decode_image(bytes.subspan(sizeof(c)), "the picture of an enrolled face",
                               {.max_dimension = kLargestCrop});
  return {std::move(picture),
          {{c[0], c[1]}, {c[2], c[3]}, {c[4], c[5]}, {c[6], c[7]}, {c[8], c[9]}}};
}

}  // namespace likeness
