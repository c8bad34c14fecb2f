#include "faces/landmark_refiner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/model/network.h>
#include <likeness/net/side_by_side.h>
#include <torch/types.h>

namespace likeness {
namespace {

constexpr Normalization kNormalization{.mean = {122.782F, 117.001F, 104.298F}, .scale = 1 / 255.0F};
constexpr std::size_t kPoints = net::Landmark68Impl::kPoints;
constexpr int kSize = net::Landmark68Impl::kInputSize;
constexpr std::size_t kFacesAtOnce = 2;  ///< two crops each, on one thread

using Points = std::array<Point, kPoints>;

/// Runs of points, with the place of the first and the last: eyes and mouth.
constexpr std::size_t kLeftEye = 36;
constexpr std::size_t kRightEye = 42;
constexpr std::size_t kEyePoints = 6;
constexpr std::size_t kNoseTip = 30;
constexpr std::size_t kLeftMouth = 48;
constexpr std::size_t kRightMouth = 54;

/// Of dlib_template(), in pixels: the side of the mean face's square, and what is round it.
constexpr float kUnit = 100;
constexpr float kPadding = 25;

struct MeanPoint {
  std::size_t number;
  Point place;  ///< in a square from the brows to the lower lip
};

/// dlib's mean face, without jaw, brows and lower lip, which move most.
constexpr std::array<MeanPoint, 33> kMeanFace = {{
    {27, {0.490127F, 0.203352F}}, {28, {0.490127F, 0.307009F}}, {29, {0.490127F, 0.409805F}},
    {30, {0.490127F, 0.515625F}}, {31, {0.366880F, 0.587326F}}, {32, {0.426036F, 0.609345F}},
    {33, {0.490127F, 0.628106F}}, {34, {0.554217F, 0.609345F}}, {35, {0.613373F, 0.587326F}},
    {36, {0.121737F, 0.216423F}}, {37, {0.187122F, 0.178758F}}, {38, {0.265825F, 0.179852F}},
    {39, {0.334606F, 0.231733F}}, {40, {0.260918F, 0.245099F}}, {41, {0.182743F, 0.244077F}},
    {42, {0.645647F, 0.231733F}}, {43, {0.714428F, 0.179852F}}, {44, {0.793132F, 0.178758F}},
    {45, {0.858516F, 0.216423F}}, {46, {0.797510F, 0.244077F}}, {47, {0.719335F, 0.245099F}},
    {48, {0.254149F, 0.780233F}}, {49, {0.340985F, 0.745405F}}, {50, {0.428858F, 0.727388F}},
    {51, {0.490127F, 0.742578F}}, {52, {0.551395F, 0.727388F}}, {53, {0.639268F, 0.745405F}},
    {54, {0.726104F, 0.780233F}}, {60, {0.290379F, 0.784792F}}, {61, {0.428096F, 0.778746F}},
    {62, {0.490127F, 0.785343F}}, {63, {0.552157F, 0.778746F}}, {64, {0.689874F, 0.784792F}},
}};

/// The crop that the network sees: dlib's face chip at its size, moved down until the chin is in
/// it.
const AlignmentTemplate& seen_crop() {
  static const AlignmentTemplate value = [] {
    constexpr float kDown = 7.5F;  ///< pixels: a tenth of the mean face's square
    AlignmentTemplate crop = scaled_template(dlib_template(), kSize);
    for (Point& point : crop.points) point.y -= kDown;
    return crop;
  }();
  return value;
}

/// The point that a point becomes in a mirrored face.
constexpr std::array<std::size_t, kPoints> kOpposite = [] {
  std::array<std::size_t, kPoints> opposite{};
  const auto swap_runs = [&](std::size_t first, std::size_t last, std::size_t sum) {
    for (std::size_t i = first; i <= last; ++i) opposite[i] = sum - i;
  };
  swap_runs(0, 16, 16);                                    // jaw
  swap_runs(17, 26, 43);                                   // brows
  for (std::size_t i = 27; i <= 30; ++i) opposite[i] = i;  // ridge of the nose
  swap_runs(31, 35, 66);                                   // nostrils
  swap_runs(36, 39, 81);                                   // upper lids
  swap_runs(42, 45, 81);
  swap_runs(40, 41, 87);  // lower lids
  swap_runs(46, 47, 87);
  swap_runs(48, 54, 102);  // outer lips
  swap_runs(55, 59, 114);
  swap_runs(60, 64, 124);  // inner lips
  swap_runs(65, 67, 132);
  return opposite;
}();

/// The mean of what the network sees in a crop and in its mirror image, in pixels of the crop.
Points points_in_crop(const float* seen, const float* mirrored) {
  Points points;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const std::size_t o = kOpposite[i];
    const float x = (seen[2 * i] + 1 - mirrored[2 * o]) / 2;
    const float y = (seen[2 * i + 1] + mirrored[2 * o + 1]) / 2;
    points[i] = {x * kSize - 0.5F, y * kSize - 0.5F};
  }
  return points;
}

Point mean_point(const Points& points, std::size_t first, std::size_t count) {
  Point sum;
  for (std::size_t i = first; i < first + count; ++i) {
    sum.x += points[i].x / static_cast<float>(count);
    sum.y += points[i].y / static_cast<float>(count);
  }
  return sum;
}

Landmarks five_of(const Points& points) {
  return {.left_eye = mean_point(points, kLeftEye, kEyePoints),
          .right_eye = mean_point(points, kRightEye, kEyePoints),
          .nose = points[kNoseTip],
          .left_mouth = points[kLeftMouth],
          .right_mouth = points[kRightMouth]};
}

Landmarks from_points(const std::array<Point, 5>& points) {
  return {points[0], points[1], points[2], points[3], points[4]};
}

Landmarks middle(const Landmarks& a, const Landmarks& b) {
  std::array<Point, 5> points = a.points();
  const auto others = b.points();
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = {(points[i].x + others[i].x) / 2, (points[i].y + others[i].y) / 2};
  return from_points(points);
}

/// The similarity that lays the face on dlib's mean face, drawn as in dlib_template().
Similarity onto_mean_face(const Points& points) {
  std::array<Point, kMeanFace.size()> from;
  std::array<Point, kMeanFace.size()> to;
  for (std::size_t i = 0; i < kMeanFace.size(); ++i) {
    from[i] = points[kMeanFace[i].number];
    to[i] = {kPadding + kUnit * kMeanFace[i].place.x, kPadding + kUnit * kMeanFace[i].place.y};
  }
  return fit_similarity(from, to);
}

/// Whether both networks see the face in about the same place.
bool agree(const Landmarks& detected, const Landmarks& seen) {
  constexpr float kFarthest = 0.25F;  ///< mean distance, of that between eyes and mouth
  const auto a = detected.points();
  const auto b = seen.points();
  float distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    distance += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y) / static_cast<float>(a.size());
  const auto size = [](const std::array<Point, 5>& p) {
    const float across = std::hypot(p[1].x - p[0].x, p[1].y - p[0].y);
    const float down =
        std::hypot(p[3].x + p[4].x - p[0].x - p[1].x, p[3].y + p[4].y - p[0].y - p[1].y) / 2;
    return std::max(across, down);
  };
  return distance <= kFarthest * std::min(size(a), size(b));
}

/// Where the mean face has its five, laid on `points`.
Landmarks on_mean_face(const Points& points) {
  std::array<Point, 5> five = dlib_template().points;
  const Similarity back = onto_mean_face(points).inverse();
  for (Point& point : five) point = back.apply(point);
  return from_points(five);
}

}  // namespace

LandmarkRefiner::LandmarkRefiner(const TensorMap& weights, c10::Device device) : device_(device) {
  load_parameters(*network_, weights);
  network_->to(device);
  network_->pack();
}

void LandmarkRefiner::refine(const Image& image, std::span<Face> faces) const {
  net::run_side_by_side((faces.size() + kFacesAtOnce - 1) / kFacesAtOnce, [&](std::size_t part) {
    const torch::NoGradGuard no_gradients;
    const std::size_t begin = part * kFacesAtOnce;
    const auto here = faces.subspan(begin, std::min(kFacesAtOnce, faces.size() - begin));
    std::vector<Similarity> into;
    std::vector<Image> crops;
    for (const Face& face : here) {
      const auto points = face.landmarks.points();
      into.push_back(fit_similarity(points, seen_crop().points));
      crops.push_back(warp(image, into.back(), kSize, kSize));
      crops.push_back(mirror(crops.back()));
    }
    const at::Tensor shares = network_->forward(to_tensor(crops, kNormalization).to(device_))
                                  .to(at::kCPU, at::kFloat)
                                  .contiguous();
    for (std::size_t i = 0; i < here.size(); ++i) {
      const float* seen = shares.data_ptr<float>() + 4 * kPoints * i;
      Points points = points_in_crop(seen, seen + 2 * kPoints);
      const Similarity back = into[i].inverse();
      for (Point& point : points) point = back.apply(point);
      const Landmarks five = five_of(points);
      if (!agree(here[i].landmarks, five)) continue;
      here[i].landmarks = middle(here[i].landmarks, five);
      here[i].mean_face = on_mean_face(points);
    }
  });
}

std::optional<Landmarks> LandmarkRefiner::mean_face(const Image& image,
                                                    const Landmarks& landmarks) const {
  Face face{.box = {}, .landmarks = landmarks};
  refine(image, {&face, 1});
  return face.mean_face;
}

}  // namespace likeness
