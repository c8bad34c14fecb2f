#include "face_json.h"

#include <cmath>

namespace likeness::cli {
namespace {

/// A hundredth of a pixel is finer than any landmark; the shorter numbers are easier to read.
double rounded(float value) {
  return std::round(static_cast<double>(value) * 100) / 100;
}

Json point_json(const Point& point) {
  return {rounded(point.x), rounded(point.y)};
}

}  // namespace

Json json_of(const Box& box) {
  return {{"x", rounded(box.x)},
          {"y", rounded(box.y)},
          {"width", rounded(box.width)},
          {"height", rounded(box.height)}};
}

Json json_of(const Landmarks& landmarks) {
  return {{"left_eye", point_json(landmarks.left_eye)},
          {"right_eye", point_json(landmarks.right_eye)},
          {"nose", point_json(landmarks.nose)},
          {"left_mouth", point_json(landmarks.left_mouth)},
          {"right_mouth", point_json(landmarks.right_mouth)}};
}

Json json_of(const Face& face) {
  return {{"box", json_of(face.box)},
          {"landmarks", json_of(face.landmarks)},
          {"score", std::round(face.score * 1e4) / 1e4}};
}

Json json_of(const Failure& failure) {
  return {{"path", failure.path.string()},
          {"error", {{"code", to_string(failure.code)}, {"message", failure.message}}}};
}

std::string describe(const Box& box) {
  const auto whole = [](float value) { return std::to_string(std::lround(value)); };
  return "x " + whole(box.x) + ", y " + whole(box.y) + ", " + whole(box.width) + " x " +
         whole(box.height) + " pixels";
}

}  // namespace likeness::cli
