#pragma once

/// Points, boxes and similarity transforms in picture coordinates: x to the right, y down, in
/// pixels; the centre of the top-left pixel is (0, 0).

#include <span>

namespace likeness {

struct Point {
  float x = 0;
  float y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

/// A rectangle; `x`, `y` is its top-left corner. It may reach beyond the picture.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
  float area() const { return width * height; }
  Point center() const { return {x + width / 2, y + height / 2}; }
  friend bool operator==(const Box&, const Box&) = default;
};

/// Area of the intersection over area of the union, in [0, 1]; 0 when both are empty.
float intersection_over_union(const Box& a, const Box& b);

/// Rotation, uniform scale and shift: (x, y) → (a·x − b·y + tx, b·x + a·y + ty).
struct Similarity {
  float a = 1;
  float b = 0;
  float tx = 0;
  float ty = 0;
  Point apply(Point p) const { return {a * p.x - b * p.y + tx, b * p.x + a * p.y + ty}; }
  /// The transform that undoes this one; requires a² + b² > 0.
  Similarity inverse() const;
};

/// The similarity that maps `from` onto `to` with the least squared error (Umeyama 1991, without
/// reflection). Requires equal sizes ≥ 2 and points in `from` that are not all the same.
Similarity fit_similarity(std::span<const Point> from, std::span<const Point> to);

}  // namespace likeness
