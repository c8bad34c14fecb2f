#include <algorithm>
#include <cmath>
#include <string>

#include <likeness/image/draw.h>
#include <opencv2/imgproc.hpp>

#include "image/matrix_view.h"

namespace likeness {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr int kShift = 4;  // OpenCV draws at 1/16 of a pixel

cv::Scalar scalar(Color color) {
  return {static_cast<double>(color[0]), static_cast<double>(color[1]),
          static_cast<double>(color[2]), 255.0};
}

bool finite(const Box& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.x + box.width) &&
         std::isfinite(box.y + box.height);
}

/// Keeps what lies far outside of the picture outside of it, and within what OpenCV's integers
/// hold.
float near_picture(float value, int size, float margin) {
  return std::clamp(value, -margin, static_cast<float>(size) + margin);
}

/// The corners of `box`, clamped to `margin` pixels around the picture.
std::array<cv::Point2f, 2> corners(const Image& image, const Box& box, float margin) {
  return {cv::Point2f(near_picture(box.x, image.width(), margin),
                      near_picture(box.y, image.height(), margin)),
          cv::Point2f(near_picture(box.x + box.width, image.width(), margin),
                      near_picture(box.y + box.height, image.height(), margin))};
}

int stroke(int height) {
  return std::max(1, height / 10);
}

double font_scale(int height) {
  return cv::getFontScaleFromHeight(kFont, height, stroke(height));
}

/// OpenCV's fonts have the printable ASCII letters; each other code point becomes one '?'.
std::string printable(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool continues_code_point = (byte & 0xC0) == 0x80;
    if (continues_code_point) continue;
    result += byte >= 0x20 && byte < 0x7F ? letter : '?';
  }
  return result;
}

}  // namespace

void draw_box(Image& image, const Box& box, Color color, int thickness) {
  if (image.empty() || !finite(box) || thickness < 1) return;
  thickness = std::min(thickness, 255);
  const auto [first, second] = corners(image, box, 2.0F * static_cast<float>(thickness));
  cv::Mat matrix = matrix_view(image);
  cv::rectangle(matrix, cv::Point(cvRound(first.x), cvRound(first.y)),
                cv::Point(cvRound(second.x), cvRound(second.y)), scalar(color), thickness);
}

void draw_dot(Image& image, Point center, float radius, Color color) {
  if (image.empty() || !std::isfinite(center.x) || !std::isfinite(center.y) || !(radius > 0))
    return;
  const float largest = 2.0F * static_cast<float>(std::max(image.width(), image.height()));
  radius = std::min(radius, largest);
  const float x = near_picture(center.x, image.width(), radius + 2);
  const float y = near_picture(center.y, image.height(), radius + 2);
  cv::Mat matrix = matrix_view(image);
  constexpr float kScale = 1 << kShift;
  cv::circle(matrix, cv::Point(cvRound(x * kScale), cvRound(y * kScale)), cvRound(radius * kScale),
             scalar(color), cv::FILLED, cv::LINE_AA, kShift);
}

void fill_box(Image& image, const Box& box, Color color) {
  if (image.empty() || !finite(box)) return;
  const auto [first, second] = corners(image, box, 2);
  const int left = std::max(0, cvRound(first.x));
  const int top = std::max(0, cvRound(first.y));
  const int right = std::min(image.width(), cvRound(second.x));
  const int bottom = std::min(image.height(), cvRound(second.y));
  if (left >= right || top >= bottom) return;
  matrix_view(image)(cv::Rect(left, top, right - left, bottom - top)).setTo(scalar(color));
}

void draw_text(Image& image, std::string_view text, Point position, int height, Color color) {
  if (image.empty() || height < 1 || !std::isfinite(position.x) || !std::isfinite(position.y))
    return;
  height = std::min(height, 2 * image.height());
  const auto margin = static_cast<float>(text_width(text, height) + 2 * height);
  const int x = cvRound(near_picture(position.x, image.width(), margin));
  const int y = cvRound(near_picture(position.y, image.height(), margin));
  cv::Mat matrix = matrix_view(image);
  cv::putText(matrix, printable(text), cv::Point(x, y + height), kFont, font_scale(height),
              scalar(color), stroke(height), cv::LINE_AA);
}

int text_width(std::string_view text, int height) {
  if (height < 1) return 0;
  int baseline = 0;
  return cv::getTextSize(printable(text), kFont, font_scale(height), stroke(height), &baseline)
      .width;
}

void paste(Image& image, const Image& source, int x, int y) {
  if (x >= image.width() || y >= image.height() || x <= -source.width() || y <= -source.height())
    return;
  const cv::Rect place = cv::Rect(0, 0, image.width(), image.height()) &
                         cv::Rect(x, y, source.width(), source.height());
  const cv::Mat from = matrix_view(source)(place - cv::Point(x, y));
  cv::Mat to = matrix_view(image)(place);
  if (image.channels() == source.channels())
    from.copyTo(to);
  else
    cv::cvtColor(from, to, source.has_alpha() ? cv::COLOR_RGBA2RGB : cv::COLOR_RGB2RGBA);
}

}  // namespace likeness
