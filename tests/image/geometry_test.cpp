#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/image/geometry.h>

namespace likeness {
namespace {

double squared_error(const Similarity& transform, std::span<const Point> from,
                     std::span<const Point> to) {
  double sum = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double dx = double{transform.a} * from[i].x - double{transform.b} * from[i].y +
                      double{transform.tx} - to[i].x;
    const double dy = double{transform.b} * from[i].x + double{transform.a} * from[i].y +
                      double{transform.ty} - to[i].y;
    sum += dx * dx + dy * dy;
  }
  return sum;
}

Similarity similarity(double degrees, double scale, float tx, float ty) {
  const double angle = degrees * std::numbers::pi / 180;
  return {static_cast<float>(scale * std::cos(angle)), static_cast<float>(scale * std::sin(angle)),
          tx, ty};
}

std::vector<Point> random_points(int count, Random& random) {
  std::vector<Point> points;
  for (int i = 0; i < count; ++i)
    points.push_back(
        {static_cast<float>(100 * random.uniform()), static_cast<float>(100 * random.uniform())});
  return points;
}

TEST(IntersectionOverUnion, IsTheShareOfTheCommonArea) {
  const Box a = {0, 0, 10, 10};
  EXPECT_FLOAT_EQ(intersection_over_union(a, a), 1);
  EXPECT_FLOAT_EQ(intersection_over_union(a, {5, 0, 10, 10}), 50.0F / 150.0F);
  EXPECT_FLOAT_EQ(intersection_over_union(a, {2, 2, 5, 4}), 0.2F);
  EXPECT_FLOAT_EQ(intersection_over_union({5, 0, 10, 10}, a), 50.0F / 150.0F);
}

TEST(IntersectionOverUnion, IsZeroForBoxesApartTouchingOrEmpty) {
  const Box a = {0, 0, 10, 10};
  EXPECT_EQ(intersection_over_union(a, {20, 0, 5, 5}), 0);
  EXPECT_EQ(intersection_over_union(a, {10, 0, 5, 5}), 0);
  EXPECT_EQ(intersection_over_union({}, {}), 0);
}

TEST(Similarity, RotatesScalesAndShifts) {
  const Point p = similarity(90, 2, 10, 20).apply({3, 1});
  EXPECT_NEAR(p.x, 8, 1e-5);
  EXPECT_NEAR(p.y, 26, 1e-5);
}

TEST(Similarity, InverseUndoes) {
  const Similarity transform = similarity(33, 0.37, -120, 45);
  const Point p = transform.inverse().apply(transform.apply({640, 480}));
  EXPECT_NEAR(p.x, 640, 1e-3);
  EXPECT_NEAR(p.y, 480, 1e-3);
  EXPECT_THROW((Similarity{0, 0, 1, 1}.inverse()), std::logic_error);
}

TEST(FitSimilarity, FindsTheTransformThatMadeThePoints) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    const auto from = random_points(2 + round % 6, random);
    const Similarity truth = similarity(360 * random.uniform(), 0.1 + 5 * random.uniform(),
                                        static_cast<float>(1000 * random.uniform() - 500),
                                        static_cast<float>(1000 * random.uniform() - 500));
    std::vector<Point> to;
    for (const Point& point : from) to.push_back(truth.apply(point));
    const Similarity found = fit_similarity(from, to);
    EXPECT_NEAR(found.a, truth.a, 1e-3);
    EXPECT_NEAR(found.b, truth.b, 1e-3);
    EXPECT_NEAR(found.tx, truth.tx, 2e-2);
    EXPECT_NEAR(found.ty, truth.ty, 2e-2);
  }
}

TEST(FitSimilarity, HasTheLeastErrorOfAllTransformsNearby) {
  Random random(11);
  const auto from = random_points(5, random);
  const auto to = random_points(5, random);
  const Similarity best = fit_similarity(from, to);
  const double least = squared_error(best, from, to);
  // A grid around the answer, and far away from it, as an independent search.
  for (const float step : {0.001F, 0.01F, 0.3F})
    for (int i = -2; i <= 2; ++i)
      for (int j = -2; j <= 2; ++j)
        for (int k = -2; k <= 2; ++k)
          for (int l = -2; l <= 2; ++l) {
            const Similarity other = {best.a + step * static_cast<float>(i),
                                      best.b + step * static_cast<float>(j),
                                      best.tx + 10 * step * static_cast<float>(k),
                                      best.ty + 10 * step * static_cast<float>(l)};
            EXPECT_GE(squared_error(other, from, to), least * (1 - 1e-5));
          }
}

TEST(FitSimilarity, NeverReflects) {
  // The mirror image would fit exactly; without reflection nothing better than a compromise is
  // left.
  const std::array<Point, 4> from = {Point{0, 0}, Point{4, 0}, Point{4, 2}, Point{0, 2}};
  const std::array<Point, 4> to = {Point{0, 0}, Point{-4, 0}, Point{-4, 2}, Point{0, 2}};
  const Similarity found = fit_similarity(from, to);
  EXPECT_GT(squared_error(found, from, to), 1);
  // The determinant a² + b² of the linear part is never negative, so check the turn itself: a half
  // turn by 180 degrees, because the picture is wider than high.
  EXPECT_LT(found.a, 0);
  EXPECT_NEAR(found.b, 0, 1e-5);
}

TEST(FitSimilarity, RejectsWhatDeterminesNoTransform) {
  const std::array<Point, 2> same = {Point{1, 1}, Point{1, 1}};
  const std::array<Point, 2> two = {Point{0, 0}, Point{1, 1}};
  EXPECT_THROW(fit_similarity(same, two), std::logic_error);
  EXPECT_THROW(fit_similarity(std::span(two).first(1), std::span(two).first(1)), std::logic_error);
  EXPECT_THROW(fit_similarity(two, std::span(two).first(1)), std::logic_error);
}

}  // namespace
}  // namespace likeness
