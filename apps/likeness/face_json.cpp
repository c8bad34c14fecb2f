#include "face_json.h"

#include <cmath>

namespace likeness::cli {
namespace {

/// A hundredth of a pixel is finer than any landmark; the shorter numbers are easier to read.
double rounded(float value) {
  return std::round(static_cast<double>(value) * 100) / 100;
}

Json to_json(const Point& point) {
  return {rounded(point.x), rounded(point.y)};
}

}  // namespace

Json to_json(const Box& box) {
  return {{"x", rounded(box.x)},
          {"y", rounded(box.y)},
          {"width", rounded(box.width)},
          {"height", rounded(box.height)}};
}

Json to_json(const Landmarks& landmarks) {
  return {{"left_eye", to_json(landmarks.left_eye)},
          {"right_eye", to_json(landmarks.right_eye)},
          {"nose", to_json(landmarks.nose)},
          {"left_mouth", to_json(landmarks.left_mouth)},
          {"right_mouth", to_json(landmarks.right_mouth)}};
}

Json to_json(const Face& face) {
  return {{"box", to_json(face.box)},
          {"landmarks", to_json(face.landmarks)},
          {"score", std::round(face.score * 1e4) / 1e4}};
}

Json to_json(const Failure& failure) {
  return {{"path", failure.path.string()},
          {"error", {{"code", to_string(failure.code)}, {"message", failure.message}}}};
}

std::string describe(const Box& box) {
  const auto whole = [](float value) { return std::to_string(std::lround(value)); };
  return "x " + whole(box.x) + ", y " + whole(box.y) + ", " + whole(box.width) + " x " +
         whole(box.height) + " pixels";
}

}  // namespace likeness::cli
