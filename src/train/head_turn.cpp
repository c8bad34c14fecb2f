#include "train/head_turn.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <likeness/core/error.h>

namespace likeness {
namespace {

// Measures of a head as shares of the distance between its eyes, 63 mm in the mean.
constexpr double kRadius = 1.2;
constexpr double kNoseHeight = 0.35;
constexpr double kNoseWidth = 0.16;
constexpr double kNoseAbove = 0.3;   // it rises slowly from between the eyes
constexpr double kNoseBelow = 0.12;  // and ends at once

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

double bell(double distance, double width) {
  return std::exp(-distance * distance / (2 * width * width));
}

/// For each column X of the turned row the place in the source row that is seen there. `seen[x]` is
/// where source column x lands; columns that land behind an earlier one are hidden by it.
void invert(std::vector<float>& seen, std::vector<float>& place) {
  for (std::size_t x = 1; x < seen.size(); ++x) seen[x] = std::max(seen[x], seen[x - 1]);
  std::size_t x = 0;
  for (std::size_t column = 0; column < place.size(); ++column) {
    const auto wanted = static_cast<float>(column);
    while (x < seen.size() && seen[x] < wanted) ++x;
    if (x == 0 || x == seen.size()) {
      place[column] = static_cast<float>(std::min(x, seen.size() - 1));
      continue;
    }
    const float before = seen[x - 1];
    place[column] = static_cast<float>(x - 1) + (wanted - before) / (seen[x] - before);
  }
}

/// Linear interpolation along a row. With `mirrored`, places count from the right.
void sample_row(const std::uint8_t* from, std::uint8_t* to, const std::vector<float>& place,
                bool mirrored) {
  const int last = static_cast<int>(place.size()) - 1;
  const std::ptrdiff_t begin = mirrored ? 3 * (std::ssize(place) - 1) : 0;
  const int step = mirrored ? -3 : 3;
  const std::uint8_t* first = from + begin;
  std::uint8_t* target = to + begin;
  for (const float x : place) {
    const int left = std::min(static_cast<int>(x), last);
    const int right = std::min(left + 1, last);
    const float share = x - static_cast<float>(left);
    for (int channel = 0; channel < 3; ++channel) {
      const auto a = static_cast<float>(first[left * step + channel]);
      const auto b = static_cast<float>(first[right * step + channel]);
      target[channel] = static_cast<std::uint8_t>(a + (b - a) * share + 0.5F);
    }
    target += step;
  }
}

}  // namespace

HeadTurn::HeadTurn(const AlignmentTemplate& target) : target_(target) {
  const Point& left = target.points[0];
  const Point& right = target.points[1];
  eye_distance_ = std::hypot(right.x - left.x, right.y - left.y);
  LIKENESS_CHECK(target.size > 1 && eye_distance_ > 0);
  axis_ = (left.x + right.x) / 2;
  radius_ = kRadius * eye_distance_;
  nose_height_ = kNoseHeight * eye_distance_;
}

double HeadTurn::depth(double x, double y) const {
  const double across = (x - axis_) / radius_;
  const double cylinder = radius_ * std::sqrt(std::max(0.0, 1 - across * across));
  const double below = y - target_.points[2].y;
  const double along = bell(below, (below > 0 ? kNoseBelow : kNoseAbove) * eye_distance_);
  return cylinder + nose_height_ * along * bell(x - axis_, kNoseWidth * eye_distance_);
}

cv::Mat HeadTurn::turned(const cv::Mat& source, double degrees) const {
  LIKENESS_CHECK(source.type() == CV_8UC3 && source.cols == target_.size);
  LIKENESS_CHECK(source.rows == target_.size && std::abs(degrees) <= 80);
  // A turn to the left is one to the right in the mirror.
  const bool mirrored = degrees < 0;
  const double sine = std::abs(std::sin(radians(degrees)));
  const double cosine = std::cos(radians(degrees));
  const auto size = static_cast<std::size_t>(target_.size);
  const double axis = mirrored ? static_cast<double>(size) - 1 - axis_ : axis_;
  std::vector<float> on_cylinder(size);
  std::vector<float> on_nose(size);
  for (std::size_t x = 0; x < size; ++x) {
    const double across = static_cast<double>(x) - axis;
    const double round = std::sqrt(std::max(0.0, radius_ * radius_ - across * across));
    on_cylinder[x] = static_cast<float>(axis + across * cosine + round * sine);
    on_nose[x] = static_cast<float>(nose_height_ * sine * bell(across, kNoseWidth * eye_distance_));
  }
  cv::Mat result(source.size(), source.type());
  std::vector<float> seen(size);
  std::vector<float> place(size);
  for (int y = 0; y < result.rows; ++y) {
    const double below = y - static_cast<double>(target_.points[2].y);
    const auto along =
        static_cast<float>(bell(below, (below > 0 ? kNoseBelow : kNoseAbove) * eye_distance_));
    for (std::size_t x = 0; x < size; ++x) seen[x] = on_cylinder[x] + along * on_nose[x];
    invert(seen, place);
    sample_row(source.ptr<std::uint8_t>(y), result.ptr<std::uint8_t>(y), place, mirrored);
  }
  return result;
}

Similarity HeadTurn::realignment(double degrees) const {
  std::array<Point, 5> points = target_.points;
  for (Point& point : points) {
    const double across = static_cast<double>(point.x) - axis_;
    point.x = static_cast<float>(axis_ + across * std::cos(radians(degrees)) +
                                 depth(point.x, point.y) * std::sin(radians(degrees)));
  }
  return fit_similarity(points, target_.points);
}

}  // namespace likeness
