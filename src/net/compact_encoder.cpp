#include <cmath>
#include <memory>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <likeness/net/compact_encoder.h>

#include "net/normal_weights.h"

namespace likeness::net {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

/// Channels and number of blocks at a quarter, an eighth and a sixteenth of the picture's size.
struct Stage {
  std::int64_t channels;
  int blocks;
};
constexpr std::int64_t kStemChannels = 32;
constexpr Stage kStages[] = {{64, 2}, {128, 2}, {128, 1}};
constexpr std::int64_t kReducedChannels = 32;
constexpr std::int64_t kShrinking = 16;

ConvolutionOptions square3(std::int64_t in, std::int64_t out, std::int64_t stride,
                           Activation activation) {
  return {.in = in, .out = out, .stride = stride, .padding = {1, 1}, .activation = activation};
}

void copy_folded(const NormalizedConvolutionImpl& from, ConvolutionImpl& to) {
  const auto factor = from.scale / at::sqrt(from.running_variance + kEpsilon);
  to.weight.copy_(from.weight * factor.view({-1, 1, 1, 1}));
  to.bias.copy_(from.shift - from.running_mean * factor);
}

}  // namespace

NormalizedConvolutionImpl::NormalizedConvolutionImpl(const ConvolutionOptions& o) : options(o) {
  LIKENESS_CHECK(o.in > 0 && o.out > 0 && o.kernel > 0 && o.stride > 0 && o.groups > 0);
  LIKENESS_CHECK(o.padding.before == o.padding.after && o.activation != Activation::prelu);
  weight = register_parameter("weight", torch::zeros({o.out, o.in / o.groups, o.kernel, o.kernel}));
  scale = register_parameter("scale", torch::ones({o.out}));
  shift = register_parameter("shift", torch::zeros({o.out}));
  running_mean = register_buffer("running_mean", torch::zeros({o.out}));
  running_variance = register_buffer("running_variance", torch::ones({o.out}));
}

torch::Tensor NormalizedConvolutionImpl::forward(const torch::Tensor& x) {
  const auto y =
      at::conv2d(x, weight.to(x.scalar_type()), {}, {options.stride, options.stride},
                 {options.padding.before, options.padding.before}, {1, 1}, options.groups);
  auto z = is_training() && sum ? shared_batch_norm(y, scale, shift, running_mean, running_variance,
                                                    kMomentum, kEpsilon, sum)
                                : at::batch_norm(y, scale, shift, running_mean, running_variance,
                                                 is_training(), kMomentum, kEpsilon, true);
  return options.activation == Activation::relu ? z.relu_() : z;
}

template <class Unit>
CompactBlockImpl<Unit>::CompactBlockImpl(std::int64_t channels) {
  conv1 = register_module("conv1", Unit(square3(channels, channels, 1, Activation::relu)));
  conv2 = register_module("conv2", Unit(square3(channels, channels, 1, Activation::none)));
}

template <class Unit>
torch::Tensor CompactBlockImpl<Unit>::forward(const torch::Tensor& x) {
  return conv2->forward(conv1->forward(x)).add_(x).relu_();
}

template <class Unit>
CompactEncoderBody<Unit>::CompactEncoderBody(const CompactEncoderOptions& o) : options(o) {
  LIKENESS_CHECK(o.size >= 32 && o.size <= 112 && o.size % kShrinking == 0);
  LIKENESS_CHECK(o.dimensions >= 8 && o.dimensions <= 512);
  stem = register_module("stem", Unit(square3(3, kStemChannels, 2, Activation::relu)));
  layers = register_module("layers", torch::nn::ModuleList());
  std::int64_t in = kStemChannels;
  for (const Stage& stage : kStages) {
    layers->push_back(Unit(square3(in, stage.channels, 2, Activation::relu)));
    in = stage.channels;
    for (int i = 0; i < stage.blocks; ++i)
      layers->push_back(std::make_shared<CompactBlockImpl<Unit>>(in));
  }
  reduce = register_module(
      "reduce",
      Unit(ConvolutionOptions{
          .in = in, .out = kReducedChannels, .kernel = 1, .activation = Activation::relu}));
  projection = register_module(
      "projection",
      Unit(ConvolutionOptions{
          .in = kReducedChannels, .out = o.dimensions, .kernel = o.size / kShrinking}));
}

template <class Unit>
torch::Tensor CompactEncoderBody<Unit>::forward(const torch::Tensor& x) {
  auto y = stem->forward(x);
  for (const auto& layer : *layers) {
    if (auto* block = layer->as<CompactBlockImpl<Unit>>())
      y = block->forward(y);
    else
      y = layer->as<Unit>()->forward(y);
  }
  return projection->forward(reduce->forward(y)).flatten(1);
}

template struct CompactBlockImpl<Convolution>;
template struct CompactBlockImpl<NormalizedConvolution>;
template struct CompactEncoderBody<Convolution>;
template struct CompactEncoderBody<NormalizedConvolution>;

void CompactEncoderImpl::pack() {
  std::int64_t size = options.size;
  stem->pack(size);
  size /= 2;
  for (const auto& layer : *layers) {
    if (auto* block = layer->as<CompactBlockImpl<Convolution>>()) {
      block->conv1->pack(size);
      block->conv2->pack(size);
    } else {
      layer->as<Convolution>()->pack(size);
      size /= 2;
    }
  }
  reduce->pack(size);
  projection->pack(size);
}

void TrainableCompactEncoderImpl::initialise(std::uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  Random random(seed);
  for (const auto& module : modules(false)) {
    if (auto* unit = module->as<NormalizedConvolutionImpl>()) {
      const std::int64_t inputs = unit->weight.numel() / unit->weight.size(0);
      fill_normal(unit->weight, std::sqrt(2 / static_cast<double>(inputs)), random);
      unit->scale.fill_(1);
      unit->shift.zero_();
      unit->running_mean.zero_();
      unit->running_variance.fill_(1);
    }
  }
  for (const auto& layer : *layers)
    if (auto* block = layer->as<CompactBlockImpl<NormalizedConvolution>>())
      block->conv2->scale.zero_();
}

void TrainableCompactEncoderImpl::share_statistics(const SumOverProcesses& sum) {
  for (const auto& module : modules(false))
    if (auto* unit = module->as<NormalizedConvolutionImpl>()) unit->sum = sum;
}

CompactEncoder folded(const TrainableCompactEncoderImpl& network) {
  const torch::NoGradGuard no_gradients;
  CompactEncoder result(network.options);
  const auto sources = network.named_modules("", false);
  for (const auto& item : result->named_modules("", false))
    if (auto* target = item.value()->as<ConvolutionImpl>())
      copy_folded(*sources[item.key()]->as<NormalizedConvolutionImpl>(), *target);
  result->eval();
  return result;
}

}  // namespace likeness::net
