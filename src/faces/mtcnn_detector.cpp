#include "faces/mtcnn_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/faces/non_maximum_suppression.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/model/network.h>
#include <torch/types.h>

#include "faces/without_doubles.h"

namespace likeness {
namespace {

constexpr Normalization kNormalization{.mean = {127.5F, 127.5F, 127.5F}, .scale = 1 / 128.0F};
constexpr int kWindow = 12;             // P-Net sees 12 × 12 pixels …
constexpr int kStride = 2;              // … at every second one
constexpr float kPyramidStep = 0.709F;  // √½: each level has half the pixels of the one before
constexpr std::size_t kBatch = 64;      // crops that go through a network at once

torch::Tensor contiguous_on_cpu(const torch::Tensor& tensor) {
  return tensor.to(torch::kCPU, torch::kFloat32).contiguous();
}

/// The window's corners, moved by shares of its size.
Box corrected(const Box& box, float x1, float y1, float x2, float y2) {
  const float left = box.x + x1 * box.width;
  const float top = box.y + y1 * box.height;
  const float right = box.x + box.width + x2 * box.width;
  const float bottom = box.y + box.height + y2 * box.height;
  return {left, top, right - left, bottom - top};
}

/// The square around the same centre as wide as the longer side.
Box squared(const Box& box) {
  const float side = std::max(box.width, box.height);
  return {box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side};
}

/// The square `box` of the picture, scaled to size × size. Box edges count from the edge of the
/// picture, transforms from the centre of its first pixel: half a pixel lies between them.
Image cut(const Image& image, const Box& box, std::int64_t size) {
  const float scale = static_cast<float>(size) / box.width;
  const Similarity transform{
      .a = scale, .b = 0, .tx = (0.5F - box.x) * scale - 0.5F, .ty = (0.5F - box.y) * scale - 0.5F};
  return warp(image, transform, static_cast<int>(size), static_cast<int>(size));
}

/// Runs `network` over crops of all boxes, in batches; calls use(index, proposals, row) for each.
template <class Network, class Use>
void run_on_crops(Network& network, const Image& image, std::span<const Box> boxes,
                  c10::Device device, const Use& use) {
  const auto size = Network::Impl::kInputSize;
  for (std::size_t begin = 0; begin < boxes.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, boxes.size() - begin);
    std::vector<Image> crops;
    crops.reserve(count);
    for (std::size_t i = 0; i < count; ++i) crops.push_back(cut(image, boxes[begin + i], size));
    auto proposals = network->forward(to_tensor(crops, kNormalization).to(device));
    proposals.score = contiguous_on_cpu(proposals.score);
    proposals.offset = contiguous_on_cpu(proposals.offset);
    if (proposals.points.defined()) proposals.points = contiguous_on_cpu(proposals.points);
    for (std::size_t i = 0; i < count; ++i) use(begin + i, proposals, static_cast<std::int64_t>(i));
  }
}

Landmarks landmarks_in(const Box& box, const float* shares) {
  const auto point = [&](int i) {
    return Point{box.x + shares[i] * box.width - 0.5F, box.y + shares[5 + i] * box.height - 0.5F};
  };
  return {point(0), point(1), point(2), point(3), point(4)};
}

/// The square in which O-Net finds landmarks best. Its side, a multiple of the distances between
/// eyes and mouth, was chosen by the error rates on LFW's development pairs.
Box square_around(const Landmarks& landmarks) {
  constexpr float kSide = 2.2F;
  const auto points = landmarks.points();
  Point center;
  for (const Point& p : points) {
    center.x += p.x / static_cast<float>(points.size());
    center.y += p.y / static_cast<float>(points.size());
  }
  const auto& l = landmarks;
  const float across = std::hypot(l.right_eye.x - l.left_eye.x, l.right_eye.y - l.left_eye.y);
  const float down =
      std::hypot((l.left_mouth.x + l.right_mouth.x - l.left_eye.x - l.right_eye.x) / 2,
                 (l.left_mouth.y + l.right_mouth.y - l.left_eye.y - l.right_eye.y) / 2);
  const float side = std::max({kSide * across, kSide * down, 1.0F});
  return {center.x + 0.5F - side / 2, center.y + 0.5F - side / 2, side, side};
}

/// The mean of what O-Net sees in a crop and in its mirror image, where left and right change
/// places (five x, then five y; all shares of the crop).
std::array<float, 10> mean_with_mirror(const float* seen, const float* mirrored) {
  constexpr std::array<int, 5> kOpposite = {1, 0, 2, 4, 3};
  std::array<float, 10> mean;
  for (std::size_t i = 0; i < 5; ++i) {
    mean[i] = (seen[i] + 1 - mirrored[kOpposite[i]]) / 2;
    mean[5 + i] = (seen[5 + i] + mirrored[5 + kOpposite[i]]) / 2;
  }
  return mean;
}

template <class Item>
std::vector<Box> squares_of(const std::vector<Item>& items) {
  std::vector<Box> boxes;
  boxes.reserve(items.size());
  for (const Item& item : items) boxes.push_back(squared(item.box));
  return boxes;
}

}  // namespace

MtcnnDetector::MtcnnDetector(const TensorMap& weights, c10::Device device) : device_(device) {
  const auto load = [&](auto& network, const char* prefix) {
    load_parameters(*network, weights, prefix);
    network->to(device);
    network->pack();
  };
  load(pnet_, "pnet.");
  load(rnet_, "rnet.");
  load(onet_, "onet.");
}

std::vector<Face> MtcnnDetector::detect(const Image& image, int min_face,
                                        const MtcnnThresholds& thresholds) const {
  const torch::NoGradGuard no_gradients;
  const auto proposed = propose(image, min_face, thresholds.propose);
  auto faces = locate(image, refine(image, proposed, thresholds.refine), thresholds.accept);
  improve_landmarks(image, faces);
  return faces;
}

std::vector<MtcnnDetector::Candidate> MtcnnDetector::propose(const Image& image, int min_face,
                                                             float threshold) const {
  std::vector<Candidate> proposals;
  float scale = static_cast<float>(kWindow) / static_cast<float>(min_face);
  Image level;
  while (true) {
    const int width = static_cast<int>(std::lround(image.width() * scale));
    const int height = static_cast<int>(std::lround(image.height() * scale));
    if (std::min(width, height) < kWindow) break;
    level = resize(level.empty() ? image : level, width, height);
    const auto found = pnet_->forward(to_tensor(level, kNormalization).to(device_));
    const auto scores = contiguous_on_cpu(found.score[0]);
    const auto offsets = contiguous_on_cpu(found.offset[0]);
    const auto score = scores.accessor<float, 2>();
    const auto offset = offsets.accessor<float, 3>();

    std::vector<Candidate> here;
    const float across = static_cast<float>(image.width()) / static_cast<float>(width);
    const float down = static_cast<float>(image.height()) / static_cast<float>(height);
    for (std::int64_t y = 0; y < score.size(0); ++y)
      for (std::int64_t x = 0; x < score.size(1); ++x) {
        if (!(score[y][x] > threshold)) continue;
        const Box window{static_cast<float>(kStride * x) * across,
                         static_cast<float>(kStride * y) * down, kWindow * across, kWindow * down};
        here.push_back(
            {corrected(window, offset[0][y][x], offset[1][y][x], offset[2][y][x], offset[3][y][x]),
             score[y][x]});
      }
    here = suppress_overlaps(std::move(here), 0.5F, Overlap::over_union);
    proposals.insert(proposals.end(), here.begin(), here.end());
    scale *= kPyramidStep;
  }
  return suppress_overlaps(std::move(proposals), 0.7F, Overlap::over_union);
}

std::vector<MtcnnDetector::Candidate> MtcnnDetector::refine(
    const Image& image, const std::vector<Candidate>& candidates, float threshold) const {
  const auto boxes = squares_of(candidates);
  std::vector<Candidate> refined;
  run_on_crops(rnet_, image, boxes, device_,
               [&](std::size_t i, const net::FaceProposals& found, std::int64_t row) {
                 const float score = found.score.data_ptr<float>()[row];
                 const float* o = found.offset.data_ptr<float>() + 4 * row;
                 if (score > threshold)
                   refined.push_back({corrected(boxes[i], o[0], o[1], o[2], o[3]), score});
               });
  return suppress_overlaps(std::move(refined), 0.7F, Overlap::over_union);
}

std::vector<Face> MtcnnDetector::locate(const Image& image,
                                        const std::vector<Candidate>& candidates,
                                        float threshold) const {
  const auto boxes = squares_of(candidates);
  std::vector<Face> faces;
  run_on_crops(onet_, image, boxes, device_,
               [&](std::size_t i, const net::FaceProposals& found, std::int64_t row) {
                 const float score = found.score.data_ptr<float>()[row];
                 const float* o = found.offset.data_ptr<float>() + 4 * row;
                 const float* p = found.points.data_ptr<float>() + 10 * row;
                 if (score > threshold)
                   faces.push_back({.box = corrected(boxes[i], o[0], o[1], o[2], o[3]),
                                    .landmarks = landmarks_in(boxes[i], p),
                                    .score = score});
               });
  return without_doubles(std::move(faces));
}

void MtcnnDetector::improve_landmarks(const Image& image, std::vector<Face>& faces) const {
  for (std::size_t begin = 0; begin < faces.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, faces.size() - begin);
    std::vector<Box> boxes;
    std::vector<Image> crops;
    for (std::size_t i = 0; i < count; ++i) {
      boxes.push_back(square_around(faces[begin + i].landmarks));
      crops.push_back(cut(image, boxes[i], net::ONetImpl::kInputSize));
      crops.push_back(mirror(crops.back()));
    }
    const auto found = onet_->forward(to_tensor(crops, kNormalization).to(device_));
    const auto shares = contiguous_on_cpu(found.points);
    for (std::size_t i = 0; i < count; ++i) {
      const float* seen = shares.data_ptr<float>() + 20 * i;
      faces[begin + i].landmarks = landmarks_in(boxes[i], mean_with_mirror(seen, seen + 10).data());
    }
  }
}

}  // namespace likeness
