#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include <likeness/core/error.h>
#include <likeness/faces/explain.h>
#include <likeness/image/draw.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

// All lengths below are in pixels of the finished picture. It is drawn larger by kFine and averaged
// down at the end, which smooths every edge.
constexpr int kFine = 2;
constexpr float kWidth = 1200;
constexpr float kMargin = 36;
constexpr float kGap = 24;
constexpr float kPhotoWidth = (kWidth - 2 * kMargin - kGap) / 2;
constexpr float kTallestPhoto = 620;
constexpr float kHeaderHeight = 112;
constexpr float kCaptionHeight = 36;
constexpr float kCrop = 190;

constexpr Color kPaper = {250, 249, 246};
constexpr Color kInk = {38, 42, 48};
constexpr Color kFaint = {120, 126, 134};
constexpr Color kSame = {22, 130, 84};
constexpr Color kDifferent = {190, 62, 40};
constexpr Color kSameTint = {199, 229, 212};
constexpr Color kDifferentTint = {244, 213, 204};
constexpr Color kOtherFace = {235, 235, 235};
constexpr Color kLandmark = {255, 210, 60};

/// A canvas that is addressed in pixels of the finished picture.
class Canvas {
 public:
  Canvas(float width, float height)
      : image_(std::lround(width * kFine), std::lround(height * kFine)) {
    fill({0, 0, width, height}, kPaper);
  }
  void fill(const Box& box, Color color) {
    fill_box(image_, {box.x * kFine, box.y * kFine, box.width * kFine, box.height * kFine}, color);
  }
  void frame(const Box& box, Color color, float thickness) {
    draw_box(image_, {box.x * kFine, box.y * kFine, box.width * kFine, box.height * kFine}, color,
             static_cast<int>(std::lround(thickness * kFine)));
  }
  void dot(Point center, float radius, Color color) {
    draw_dot(image_, {center.x * kFine, center.y * kFine}, radius * kFine, color);
  }
  void text(std::string_view text, Point position, int height, Color color) {
    draw_text(image_, text, {position.x * kFine, position.y * kFine}, height * kFine, color);
  }
  float width_of(std::string_view text, int height) const {
    return static_cast<float>(text_width(text, height * kFine)) / kFine;
  }
  /// Text centred round `x`, kept within [left, right].
  void text_round(std::string_view words, float x, float left, float right, float y, int height,
                  Color color) {
    const float width = width_of(words, height);
    text(words, {std::max(left, std::min(x - width / 2, right - width)), y}, height, color);
  }
  /// `picture` scaled to fill `box`.
  void picture(const Image& picture, const Box& box) {
    paste(image_,
          without_alpha(resize(picture, std::max(1L, std::lround(box.width * kFine)),
                               std::max(1L, std::lround(box.height * kFine)))),
          std::lround(box.x * kFine), std::lround(box.y * kFine));
  }
  Image finished() const { return resize(image_, image_.width() / kFine, image_.height() / kFine); }

 private:
  Image image_;
};

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string percent(double share) {
  if (share > 0.999) return "over 99.9 %";
  if (share < 0.001) return "below 0.1 %";
  return number("%.1f", 100 * share) + " %";
}

/// The end of a long text, which is what tells file names apart.
std::string shortened(const Canvas& canvas, std::string text, float width, int height) {
  if (canvas.width_of(text, height) <= width) return text;
  while (text.size() > 1 && canvas.width_of("..." + text, height) > width) text.erase(0, 1);
  return "..." + text;
}

float photo_scale(const Image& image) {
  return std::min(kPhotoWidth / static_cast<float>(image.width()),
                  kTallestPhoto / static_cast<float>(image.height()));
}

/// Frames the box in `color` with a dark line round it that shows on any background.
void frame_face(Canvas& canvas, const Box& box, Color color, float thickness) {
  canvas.frame(box, kInk, thickness + 1.5F);
  canvas.frame(box, color, thickness);
}

void draw_photo(Canvas& canvas, const ExplainedPhoto& photo, const Box& area, Color highlight) {
  const float scale = photo_scale(photo.image);
  const Box place = {area.x + (area.width - scale * photo.image.width()) / 2, area.y,
                     scale * photo.image.width(), scale * photo.image.height()};
  canvas.picture(photo.image, place);
  const auto on_canvas = [&](Point p) {
    return Point{place.x + (p.x + 0.5F) * scale, place.y + (p.y + 0.5F) * scale};
  };
  const auto face_box = [&](const Face& face) {
    const Point corner = on_canvas({face.box.x, face.box.y});
    return Box{corner.x, corner.y, face.box.width * scale, face.box.height * scale};
  };
  for (std::size_t i = 0; i < photo.faces.size(); ++i)
    if (i != photo.chosen) frame_face(canvas, face_box(photo.faces[i]), kOtherFace, 1.5F);

  const Face& chosen = photo.faces[photo.chosen];
  frame_face(canvas, face_box(chosen), highlight, 3);
  const float radius = std::clamp(face_box(chosen).width / 45, 2.0F, 5.0F);
  for (const Point& landmark : chosen.landmarks.points()) {
    canvas.dot(on_canvas(landmark), radius + 1, kInk);
    canvas.dot(on_canvas(landmark), radius, kLandmark);
  }
  const std::string count = photo.faces.size() == 1
                                ? ""
                                : " (face " + std::to_string(photo.chosen) + " of " +
                                      std::to_string(photo.faces.size()) + ")";
  const int height = 12;
  const float room = area.x + area.width - place.x - canvas.width_of(count, height);
  canvas.text(shortened(canvas, photo.title, room, height) + count,
              {place.x, place.y + place.height + 12}, height, kFaint);
}

void draw_header(Canvas& canvas, const Verification& result, const std::string& model,
                 Color verdict) {
  canvas.fill({0, 0, kWidth, 8}, verdict);
  canvas.text(result.same_person ? "Same person" : "Different people", {kMargin, 32}, 28, verdict);
  const std::string numbers =
      result.probability
          ? "probability " + percent(*result.probability) + " that both show one person"
          : "probability not known: the model is not calibrated";
  canvas.text(numbers, {kMargin, 80}, 13, kInk);
  const std::string settings =
      "model " + model +
      (result.fmr ? ", false-match rate " + number("%.2g", *result.fmr) : std::string());
  canvas.text(settings, {kWidth - kMargin - canvas.width_of(settings, 13), 80}, 13, kFaint);
}

/// What the verdict was read from: a distance, or the probability of a pair classifier.
struct Scale {
  std::string name;
  float left;   ///< end at "same person"
  float right;  ///< end at "different people"
  float step;   ///< between ticks
  float value;
  float threshold;
};

/// Distances from 0 to 2 (or further, if the distance lies there), probabilities from 1 to 0.
Scale scale_of(const Verification& result) {
  if (result.min_probability)
    return {"probability",
            1,
            0,
            -0.25F,
            static_cast<float>(result.probability.value_or(0)),
            static_cast<float>(*result.min_probability)};
  const float last = std::max(2.0F, std::ceil(std::max(result.distance, result.threshold) * 2) / 2);
  return {"distance", 0, last, 0.5F, result.distance, result.threshold};
}

void draw_ticks(Canvas& canvas, const Scale& scale, const std::function<float(float)>& x_of,
                float line, float left, float right) {
  const char* format = scale.step == 0.5F ? "%.1f" : "%.2f";
  const long ticks = std::lround((scale.right - scale.left) / scale.step);
  for (long tick = 0; tick <= ticks; ++tick) {
    const float value = scale.left + static_cast<float>(tick) * scale.step;
    canvas.fill({x_of(value) - 0.5F, line + 7, 1, 6}, kFaint);
    canvas.text_round(number(format, value), x_of(value), left - 20, right + 20, line + 18, 9,
                      kFaint);
  }
}

void draw_scale(Canvas& canvas, const Verification& result, const Box& area, Color verdict) {
  const Scale scale = scale_of(result);
  const float line = area.y + area.height / 2;
  const auto x_of = [&](float value) {
    const float share = (value - scale.left) / (scale.right - scale.left);
    return area.x + area.width * std::clamp(share, 0.0F, 1.0F);
  };
  const float right = area.x + area.width;
  const float threshold = x_of(scale.threshold);
  canvas.fill({area.x, line - 7, threshold - area.x, 14}, kSameTint);
  canvas.fill({threshold, line - 7, right - threshold, 14}, kDifferentTint);
  canvas.text("same person", {area.x, line + 36}, 11, kSame);
  const std::string_view other = "different people";
  canvas.text(other, {right - canvas.width_of(other, 11), line + 36}, 11, kDifferent);
  draw_ticks(canvas, scale, x_of, line, area.x, right);
  canvas.fill({threshold - 1, line - 16, 2, 66}, kInk);
  canvas.text_round("threshold " + number("%.3f", scale.threshold), threshold, area.x, right,
                    line + 56, 12, kInk);
  const float value = x_of(scale.value);
  canvas.fill({value - 1.5F, line - 34, 3, 34}, verdict);
  canvas.dot({value, line}, 10, kPaper);
  canvas.dot({value, line}, 8, verdict);
  canvas.text_round(scale.name + " " + number("%.3f", scale.value), value, area.x, right, line - 56,
                    15, verdict);
}

}  // namespace

Image draw_faces(const Image& image, std::span<const Face> faces) {
  Image picture = without_alpha(image);
  const int side = std::min(image.width(), image.height());
  const int thickness = std::max(1, side / 300);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Box& box = faces[i].box;
    const auto line = static_cast<float>(thickness);
    draw_box(picture, box, kInk, 2 * thickness);
    draw_box(picture, box, kLandmark, thickness);
    const float radius = std::max(1.0F, box.width / 40);
    for (const Point& landmark : faces[i].landmarks.points()) {
      draw_dot(picture, landmark, radius + line / 2, kInk);
      draw_dot(picture, landmark, radius, kLandmark);
    }
    const std::string label = std::to_string(i);
    // In this order the result is a small number even for a box that is none.
    const float tallest = std::max(8.0F, static_cast<float>(side) / 20);
    const int height = static_cast<int>(std::min(std::max(8.0F, box.height / 8), tallest));
    const auto padding = static_cast<float>(height) / 2;
    const float width = static_cast<float>(text_width(label, height)) + 2 * padding;
    fill_box(picture, {box.x, box.y, width, static_cast<float>(height) + 2 * padding}, kInk);
    draw_text(picture, label, {box.x + padding, box.y + padding}, height, kLandmark);
  }
  return picture;
}

Image explain_verification(const ExplainedPhoto& a, const ExplainedPhoto& b,
                           const Verification& result, const std::string& model) {
  for (const ExplainedPhoto* photo : {&a, &b}) {
    LIKENESS_CHECK(!photo->image.empty() && !photo->crop.empty());
    LIKENESS_CHECK(photo->chosen < photo->faces.size());
  }
  const Color verdict = result.same_person ? kSame : kDifferent;
  const auto height_of = [](const ExplainedPhoto& photo) {
    return photo_scale(photo.image) * static_cast<float>(photo.image.height());
  };
  const float photos = std::max(height_of(a), height_of(b));
  const float crops = kHeaderHeight + photos + kCaptionHeight + kGap;
  Canvas canvas(kWidth, std::ceil(crops + kCrop + kMargin));

  draw_header(canvas, result, model, verdict);
  const Box left = {kMargin, kHeaderHeight, kPhotoWidth, photos};
  const Box right = {kMargin + kPhotoWidth + kGap, kHeaderHeight, kPhotoWidth, photos};
  draw_photo(canvas, a, left, verdict);
  draw_photo(canvas, b, right, verdict);
  canvas.picture(a.crop, {kMargin, crops, kCrop, kCrop});
  canvas.picture(b.crop, {kWidth - kMargin - kCrop, crops, kCrop, kCrop});
  const float scale_left = kMargin + kCrop + 48;
  draw_scale(canvas, result, {scale_left, crops, kWidth - 2 * scale_left, kCrop}, verdict);
  return canvas.finished();
}

}  // namespace likeness
