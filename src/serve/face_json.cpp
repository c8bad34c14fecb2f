#include "serve/face_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include <likeness/core/base64.h>
#include <likeness/gallery/face_crop.h>
#include <likeness/image/codec.h>

namespace likeness::serve {
namespace {

/// A hundredth of a pixel is finer than any landmark; the shorter numbers are easier to read.
double hundredths(float value) {
  return std::round(static_cast<double>(value) * 100) / 100;
}

double score_of(float value) {
  return std::round(static_cast<double>(value) * 1e4) / 1e4;
}

Json point_json(const Point& point) {
  return {hundredths(point.x), hundredths(point.y)};
}

}  // namespace

double shortest(float value) {
  std::array<char, 32> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double number = 0;
  std::from_chars(text.data(), end, number);
  return number;
}

Json to_json(const Box& box) {
  return {{"left", hundredths(box.x)},
          {"top", hundredths(box.y)},
          {"width", hundredths(box.width)},
          {"height", hundredths(box.height)}};
}

Json to_json(const Landmarks& landmarks) {
  return {{"left_eye", point_json(landmarks.left_eye)},
          {"right_eye", point_json(landmarks.right_eye)},
          {"nose", point_json(landmarks.nose)},
          {"left_mouth", point_json(landmarks.left_mouth)},
          {"right_mouth", point_json(landmarks.right_mouth)}};
}

Json to_json(const Face& face) {
  return {{"box", to_json(face.box)},
          {"score", score_of(face.score)},
          {"landmarks", to_json(face.landmarks)}};
}

Json to_json(const FaceQuality& quality) {
  return {{"score", score_of(quality.score)},
          {"eye_distance", hundredths(quality.eye_distance)},
          {"sharpness", score_of(quality.sharpness)},
          {"yaw", score_of(quality.yaw)},
          {"brightness", score_of(quality.brightness)},
          {"remarks", remarks(quality)}};
}

Json encoding_json(const Encoding& encoding) {
  Json numbers = Json::array();
  for (const float value : encoding) numbers.push_back(shortest(value));
  return numbers;
}

std::string crop_data_url(const Bytes& crop) {
  return "data:image/jpeg;base64," +
         to_base64(encode_image(face_crop_from_bytes(crop).picture, ImageFormat::jpeg));
}

}  // namespace likeness::serve
