#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <likeness/faces/alignment.h>
#include <likeness/faces/quality.h>

namespace likeness {
namespace {

constexpr float kSmallEyeDistance = 24;
constexpr float kBlurred = 0.05F;
constexpr float kTurned = 0.45F;
constexpr float kDark = 0.18F;
constexpr float kBright = 0.85F;

std::vector<float> brightness_of(const Image& image) {
  std::vector<float> values;
  const auto pixels = image.pixels();
  const auto step = static_cast<std::size_t>(image.channels());
  values.reserve(pixels.size() / step);
  for (std::size_t i = 0; i < pixels.size(); i += step)
    values.push_back((0.299F * pixels[i] + 0.587F * pixels[i + 1] + 0.114F * pixels[i + 2]) / 255);
  return values;
}

/// Mean |Laplacian| over the standard deviation.
float sharpness_of(const std::vector<float>& values, int width, float mean) {
  double laplacian = 0;
  double variance = 0;
  const auto columns = static_cast<std::size_t>(width);
  const std::size_t rows = values.size() / columns;
  for (std::size_t y = 1; y + 1 < rows; ++y)
    for (std::size_t x = 1; x + 1 < columns; ++x) {
      const float* at = values.data() + y * columns + x;
      laplacian += std::abs(at[-1] + at[1] + *(at - columns) + at[columns] - 4 * at[0]);
      variance += (at[0] - mean) * (at[0] - mean);
    }
  const double count = static_cast<double>((rows - 2) * (columns - 2));
  return static_cast<float>(laplacian / count / (std::sqrt(variance / count) + 1e-3));
}

/// How far the nose is from the middle between the eyes, against half of their distance, along the
/// line through them.
float yaw_of(const Landmarks& landmarks) {
  const float dx = landmarks.right_eye.x - landmarks.left_eye.x;
  const float dy = landmarks.right_eye.y - landmarks.left_eye.y;
  const float squared = std::max(dx * dx + dy * dy, 1e-6F);
  const float along = ((landmarks.nose.x - landmarks.left_eye.x) * dx +
                       (landmarks.nose.y - landmarks.left_eye.y) * dy) /
                      squared;
  return std::min(1.0F, std::abs(2 * along - 1));
}

/// 0 at `bad`, 1 at `good`.
float grade(float value, float bad, float good) {
  return std::clamp((value - bad) / (good - bad), 0.0F, 1.0F);
}

}  // namespace

FaceQuality assess_quality(const Image& photo, const Face& face) {
  FaceQuality quality;
  const Landmarks& landmarks = face.landmarks;
  quality.eye_distance = std::hypot(landmarks.right_eye.x - landmarks.left_eye.x,
                                    landmarks.right_eye.y - landmarks.left_eye.y);
  quality.yaw = yaw_of(landmarks);
  const Image aligned = align_face(photo, landmarks, arcface_template());
  const std::vector<float> values = brightness_of(aligned);
  double sum = 0;
  for (const float value : values) sum += value;
  quality.brightness = static_cast<float>(sum / static_cast<double>(values.size()));
  quality.sharpness = sharpness_of(values, aligned.width(), quality.brightness);
  const float light = std::min(grade(quality.brightness, 0.05F, 2 * kDark),
                               grade(quality.brightness, 1.0F, kBright));
  quality.score = std::min({grade(quality.eye_distance, 8, 2 * kSmallEyeDistance), light,
                            grade(quality.sharpness, kBlurred / 4, 2 * kBlurred),
                            grade(quality.yaw, 1, kTurned / 2)});
  return quality;
}

std::vector<std::string> remarks(const FaceQuality& quality) {
  std::vector<std::string> lines;
  if (quality.eye_distance < kSmallEyeDistance)
    lines.push_back("the face is small (" + std::to_string(std::lround(quality.eye_distance)) +
                    " pixels between the eyes); come closer");
  if (quality.sharpness < kBlurred) lines.emplace_back("the face is blurred");
  if (quality.yaw > kTurned) lines.emplace_back("the face is turned away; look into the camera");
  if (quality.brightness < kDark) lines.emplace_back("the face is dark");
  if (quality.brightness > kBright) lines.emplace_back("the face is overexposed");
  return lines;
}

}  // namespace likeness
