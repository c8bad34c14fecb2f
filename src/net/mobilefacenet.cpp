#include <likeness/net/mobilefacenet.h>

namespace likeness::net {
namespace {

Convolution pointwise(std::int64_t in, std::int64_t out, Activation activation) {
  return Convolution(
      ConvolutionOptions{.in = in, .out = out, .kernel = 1, .activation = activation});
}

Convolution depthwise(std::int64_t channels, bool halve) {
  return Convolution(ConvolutionOptions{.in = channels,
                                        .out = channels,
                                        .stride = halve ? 2 : 1,
                                        .padding = halve ? Padding{0, 1} : Padding{1, 1},
                                        .groups = channels,
                                        .activation = Activation::prelu});
}

}  // namespace

InvertedResidualImpl::InvertedResidualImpl(std::int64_t in, std::int64_t inner, std::int64_t out,
                                           bool halve)
    : shortcut(!halve && in == out) {
  expand = register_module("expand", pointwise(in, inner, Activation::prelu));
  filter = register_module("filter", depthwise(inner, halve));
  project = register_module("project", pointwise(inner, out, Activation::none));
}

torch::Tensor InvertedResidualImpl::forward(const torch::Tensor& x) {
  const auto y = project->forward(filter->forward(expand->forward(x)));
  return shortcut ? y + x : y;
}

std::int64_t InvertedResidualImpl::pack(std::int64_t size) {
  expand->pack(size);
  filter->pack(size);
  size /= filter->options.stride;
  project->pack(size);
  return size;
}

MobileFaceNetImpl::MobileFaceNetImpl() {
  stem = register_module(
      "stem",
      Convolution(ConvolutionOptions{
          .in = 3, .out = 64, .stride = 2, .padding = {0, 1}, .activation = Activation::prelu}));
  stem_filter = register_module("stem_filter", depthwise(64, false));
  stem_project = register_module("stem_project", pointwise(64, 64, Activation::none));

  blocks = register_module("blocks", torch::nn::ModuleList());
  std::int64_t in = 64;
  const auto add = [&](std::int64_t inner, std::int64_t out, bool halve) {
    blocks->push_back(InvertedResidual(in, inner, out, halve));
    in = out;
  };
  add(128, 64, true);
  for (int i = 0; i < 4; ++i) add(128, 64, false);
  add(256, 128, true);
  for (int i = 0; i < 6; ++i) add(256, 128, false);
  add(512, 128, true);
  for (int i = 0; i < 2; ++i) add(256, 128, false);

  head = register_module("head", pointwise(128, 512, Activation::prelu));
  head_filter = register_module(
      "head_filter",
      Convolution(ConvolutionOptions{.in = 512, .out = 512, .kernel = 7, .groups = 512}));
  head_mix = register_module("head_mix", pointwise(512, 512, Activation::none));
  projection = register_module("projection", pointwise(512, kDimensions, Activation::none));
}

torch::Tensor MobileFaceNetImpl::forward(const torch::Tensor& x) {
  auto y = stem_project->forward(stem_filter->forward(stem->forward(x)));
  for (const auto& block : *blocks) y = block->as<InvertedResidual>()->forward(y);
  y = head_mix->forward(head_filter->forward(head->forward(y)));
  return projection->forward(y).flatten(1);
}

void MobileFaceNetImpl::pack() {
  stem->pack(kInputSize);
  std::int64_t size = kInputSize / 2;
  stem_filter->pack(size);
  stem_project->pack(size);
  for (const auto& block : *blocks) size = block->as<InvertedResidual>()->pack(size);
  head->pack(size);
  head_filter->pack(size);
  head_mix->pack(1);
  projection->pack(1);
}

}  // namespace likeness::net
