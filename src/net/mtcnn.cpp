#include <ATen/ATen.h>
#include <likeness/net/mtcnn.h>

namespace likeness::net {
namespace {

Convolution layer(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return Convolution(
      ConvolutionOptions{.in = in, .out = out, .kernel = kernel, .activation = Activation::prelu});
}

Convolution output(std::int64_t in, std::int64_t out) {
  return Convolution(ConvolutionOptions{.in = in, .out = out, .kernel = 1});
}

/// 3 × 3 with stride 2. A window that hangs over the right or lower edge counts when `partial`.
torch::Tensor pool3(const torch::Tensor& x, bool partial) {
  return at::max_pool2d(x, 3, 2, 0, 1, partial);
}

torch::Tensor face_probability(const torch::Tensor& logits) {
  return at::softmax(logits, 1).select(1, 1);
}

}  // namespace

PNetImpl::PNetImpl() {
  conv1 = register_module("conv1", layer(3, 10, 3));
  conv2 = register_module("conv2", layer(10, 16, 3));
  conv3 = register_module("conv3", layer(16, 32, 3));
  face = register_module("face", output(32, 2));
  box = register_module("box", output(32, 4));
}

FaceProposals PNetImpl::forward(const torch::Tensor& x) {
  auto y = at::max_pool2d(conv1->forward(x), 2, 2, 0, 1, true);
  y = conv3->forward(conv2->forward(y));
  return {.score = face_probability(face->forward(y)), .offset = box->forward(y), .points = {}};
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
  auto y = pool3(conv1->forward(x), true);
  y = pool3(conv2->forward(y), false);
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
  auto y = pool3(conv1->forward(x), true);
  y = pool3(conv2->forward(y), false);
  y = at::max_pool2d(conv3->forward(y), 2, 2, 0, 1, true);
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
