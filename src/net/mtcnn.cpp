#include <algorithm>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/mtcnn.h>
#include <likeness/net/side_by_side.h>

#include "net/channels_last.h"

namespace likeness::net {
namespace {

Convolution layer(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return Convolution(
      ConvolutionOptions{.in = in, .out = out, .kernel = kernel, .activation = Activation::prelu});
}

Convolution output(std::int64_t in, std::int64_t out) {
  return Convolution(ConvolutionOptions{.in = in, .out = out, .kernel = 1});
}

/// The maximum of size × size pixels with stride 2. A window that hangs over the right or lower
/// edge counts when `partial`.
torch::Tensor pool(const torch::Tensor& x, std::int64_t size, bool partial) {
  return is_plain(x) ? max_pool(x, size, partial) : at::max_pool2d(x, size, 2, 0, 1, partial);
}

torch::Tensor face_probability(const torch::Tensor& logits) {
  return at::softmax(logits, 1).select(1, 1);
}

/// Whether the work may be cut into pieces: on a CPU they stay in its cache. A GPU wants large
/// pieces, and gradients are left to LibTorch as a whole.
bool may_cut(const torch::Tensor& x) {
  return x.device().is_cpu() && !at::GradMode::is_enabled();
}

/// P-Net's windows.
constexpr std::int64_t kWindow = 12;
constexpr std::int64_t kPNetStride = 2;

/// How many of them fit into so many pixels; the last may hang over the edge by a pixel.
std::int64_t windows(std::int64_t pixels) {
  LIKENESS_CHECK(pixels >= kWindow);
  return (pixels - kWindow + kPNetStride - 1) / kPNetStride + 1;
}

/// Rows of windows that go through P-Net at once. Measured on 612 × 408 pixels and one thread: 31
/// ms as a whole, 11 ms in strips that fit the cache of a core.
std::int64_t strip_height(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kWindowsAtOnce = 10'000;
  constexpr std::int64_t kFewestRows = 8;  // below, strips overlap by more than they are worth
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t height = std::min(kWindowsAtOnce / columns, (rows + threads - 1) / threads);
  return std::min(rows, std::max(height, kFewestRows));
}

/// Crops that go through the other networks at once. Measured with one thread, ms a crop in parts
/// of 1, 4, 8 and 64: R-Net 0.13, 0.05, 0.08, 0.08, O-Net 0.32, 0.20, 0.19, 0.42.
constexpr std::int64_t kCropsInRNet = 4;
constexpr std::int64_t kCropsInONet = 4;

/// forward(x) in parts of at most `largest` crops, side by side.
template <class Forward>
FaceProposals in_parts(const torch::Tensor& x, std::int64_t largest, const Forward& forward) {
  const std::int64_t crops = x.size(0);
  if (!may_cut(x) || crops == 0) return forward(x);
  const std::int64_t parts = std::max((crops + largest - 1) / largest,
                                      std::min<std::int64_t>(crops, at::get_num_threads()));
  std::vector<FaceProposals> found(static_cast<std::size_t>(parts));
  run_side_by_side(found.size(), [&](std::size_t i) {
    const torch::NoGradGuard no_gradients;
    const auto part = static_cast<std::int64_t>(i);
    const std::int64_t first = crops * part / parts;
    found[i] = forward(x.narrow(0, first, crops * (part + 1) / parts - first));
  });
  const auto join = [&](torch::Tensor FaceProposals::*member) {
    std::vector<torch::Tensor> pieces;
    pieces.reserve(found.size());
    for (const FaceProposals& piece : found) pieces.push_back(piece.*member);
    return pieces.front().defined() ? at::cat(pieces) : torch::Tensor();
  };
  return {.score = join(&FaceProposals::score),
          .offset = join(&FaceProposals::offset),
          .points = join(&FaceProposals::points)};
}

}  // namespace

PNetImpl::PNetImpl() {
  conv1 = register_module("conv1", layer(3, 10, 3));
  conv2 = register_module("conv2", layer(10, 16, 3));
  conv3 = register_module("conv3", layer(16, 32, 3));
  face = register_module("face", output(32, 2));
  box = register_module("box", output(32, 4));
}

FaceProposals PNetImpl::forward_whole(const torch::Tensor& x) {
  auto y = pool(conv1->forward(x), 2, true);
  y = conv3->forward(conv2->forward(y));
  return {.score = face_probability(face->forward(y)), .offset = box->forward(y), .points = {}};
}

/// A picture goes through in strips of windows, which overlap by what a window sees. All strips
/// have one shape, for which oneDNN compiles its kernels once: the last begins early enough. (Where
/// the picture ends in the middle of a pooling window, the last is a row shorter.)
FaceProposals PNetImpl::forward(const torch::Tensor& x) {
  if (!may_cut(x)) return forward_whole(x);
  const std::int64_t rows = windows(x.size(2));
  const std::int64_t columns = windows(x.size(3));
  const std::int64_t height = strip_height(rows, columns);
  FaceProposals all{.score = at::empty({x.size(0), rows, columns}, x.options()),
                    .offset = at::empty({x.size(0), 4, rows, columns}, x.options()),
                    .points = {}};
  const auto strips = static_cast<std::size_t>((rows + height - 1) / height);
  run_side_by_side(strips, [&](std::size_t i) {
    const torch::NoGradGuard no_gradients;
    const std::int64_t wanted = static_cast<std::int64_t>(i) * height;
    const std::int64_t first = std::min(wanted, rows - height);
    const std::int64_t top = kPNetStride * first;
    const std::int64_t seen = kPNetStride * (height - 1) + kWindow;
    const auto strip = forward_whole(x.narrow(2, top, std::min(seen, x.size(2) - top)));
    const std::int64_t known = wanted - first;  // rows of the strip before
    const std::int64_t fresh = height - known;
    all.score.narrow(1, wanted, fresh).copy_(strip.score.narrow(1, known, fresh));
    all.offset.narrow(2, wanted, fresh).copy_(strip.offset.narrow(2, known, fresh));
  });
  return all;
}

void PNetImpl::pack() {
  constexpr std::int64_t kTypicalSize = 160;  // pictures of any size follow
  conv1->pack(kTypicalSize);
  conv2->pack(kTypicalSize / 2);
  conv3->pack(kTypicalSize / 2);
  face->pack(kTypicalSize / 2);
  box->pack(kTypicalSize / 2);
}

RNetImpl::RNetImpl() {
  conv1 = register_module("conv1", layer(3, 28, 3));
  conv2 = register_module("conv2", layer(28, 48, 3));
  conv3 = register_module("conv3", layer(48, 64, 2));
  dense = register_module("dense", layer(64, 128, 3));
  face = register_module("face", output(128, 2));
  box = register_module("box", output(128, 4));
}

FaceProposals RNetImpl::forward(const torch::Tensor& x) {
  return in_parts(x, kCropsInRNet,
                  [this](const torch::Tensor& part) { return forward_whole(part); });
}

FaceProposals RNetImpl::forward_whole(const torch::Tensor& x) {
  auto y = pool(conv1->forward(x), 3, true);
  y = pool(conv2->forward(y), 3, false);
  y = dense->forward(conv3->forward(y));
  return {.score = face_probability(face->forward(y)).flatten(),
          .offset = box->forward(y).flatten(1),
          .points = {}};
}

void RNetImpl::pack() {
  conv1->pack(24);
  conv2->pack(11);
  conv3->pack(4);
  dense->pack(3);
  face->pack(1);
  box->pack(1);
}

ONetImpl::ONetImpl() {
  conv1 = register_module("conv1", layer(3, 32, 3));
  conv2 = register_module("conv2", layer(32, 64, 3));
  conv3 = register_module("conv3", layer(64, 64, 3));
  conv4 = register_module("conv4", layer(64, 128, 2));
  dense = register_module("dense", layer(128, 256, 3));
  face = register_module("face", output(256, 2));
  box = register_module("box", output(256, 4));
  points = register_module("points", output(256, 10));
}

FaceProposals ONetImpl::forward(const torch::Tensor& x) {
  return in_parts(x, kCropsInONet,
                  [this](const torch::Tensor& part) { return forward_whole(part); });
}

FaceProposals ONetImpl::forward_whole(const torch::Tensor& x) {
  auto y = pool(conv1->forward(x), 3, true);
  y = pool(conv2->forward(y), 3, false);
  y = pool(conv3->forward(y), 2, true);
  y = dense->forward(conv4->forward(y));
  return {.score = face_probability(face->forward(y)).flatten(),
          .offset = box->forward(y).flatten(1),
          .points = points->forward(y).flatten(1)};
}

void ONetImpl::pack() {
  conv1->pack(48);
  conv2->pack(23);
  conv3->pack(10);
  conv4->pack(4);
  dense->pack(3);
  face->pack(1);
  box->pack(1);
  points->pack(1);
}

}  // namespace likeness::net
