#include <algorithm>
#include <cmath>

#include <likeness/core/error.h>
#include <likeness/image/geometry.h>

namespace likeness {
namespace {

struct Centroid {
  double x = 0;
  double y = 0;
};

Centroid centroid(std::span<const Point> points) {
  Centroid sum;
  for (const Point& point : points) {
    sum.x += point.x;
    sum.y += point.y;
  }
  const auto count = static_cast<double>(points.size());
  return {sum.x / count, sum.y / count};
}

}  // namespace

float intersection_over_union(const Box& a, const Box& b) {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (!(width > 0) || !(height > 0)) return 0;
  const float shared = width * height;
  return std::min(1.0F, shared / (a.area() + b.area() - shared));
}

Similarity Similarity::inverse() const {
  const double norm = static_cast<double>(a) * a + static_cast<double>(b) * b;
  LIKENESS_CHECK(norm > 0);
  const double c = a / norm;
  const double s = -b / norm;
  return {static_cast<float>(c), static_cast<float>(s), static_cast<float>(s * ty - c * tx),
          static_cast<float>(-s * tx - c * ty)};
}

// With p and q the points relative to their centroids, the sum of |(a, b)·p − q|² is quadratic in
// (a, b) and has its only minimum at a = Σ p·q / Σ p², b = Σ p×q / Σ p². For points in the plane
// this is Umeyama's rotation and scale; the form (a, −b; b, a) cannot express a reflection.
Similarity fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  LIKENESS_CHECK(from.size() == to.size());
  LIKENESS_CHECK(from.size() >= 2);
  const Centroid p0 = centroid(from);
  const Centroid q0 = centroid(to);
  double dot = 0;
  double cross = 0;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double px = from[i].x - p0.x;
    const double py = from[i].y - p0.y;
    const double qx = to[i].x - q0.x;
    const double qy = to[i].y - q0.y;
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    spread += px * px + py * py;
  }
  LIKENESS_CHECK(spread > 0);
  const double a = dot / spread;
  const double b = cross / spread;
  return {static_cast<float>(a), static_cast<float>(b),
          static_cast<float>(q0.x - (a * p0.x - b * p0.y)),
          static_cast<float>(q0.y - (b * p0.x + a * p0.y))};
}

}  // namespace likeness
