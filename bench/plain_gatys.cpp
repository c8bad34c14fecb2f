#include "plain_gatys.h"

#include <array>
#include <chrono>
#include <string>

#include <ATen/ATen.h>
#include <likeness/image/tensor.h>
#include <torch/nn/functional/conv.h>
#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/padding.h>
#include <torch/nn/functional/pooling.h>
#include <torch/optim/lbfgs.h>

namespace likeness::bench {
namespace {

namespace F = torch::nn::functional;

constexpr double kStyleWeight = 30;

struct Layer {
  torch::Tensor weight;
  torch::Tensor bias;
  bool pool_before;
  bool tap;
};

std::vector<Layer> layers_of(const TensorMap& weights) {
  struct Place {
    int index;
    bool pool_before;
    bool tap;
  };
  constexpr std::array<Place, 9> kPlaces = {{{0, false, true},
                                             {2, false, false},
                                             {5, true, true},
                                             {7, false, false},
                                             {10, true, true},
                                             {12, false, false},
                                             {14, false, false},
                                             {16, false, false},
                                             {19, true, true}}};
  std::vector<Layer> layers;
  for (const Place& place : kPlaces) {
    const std::string name = "features." + std::to_string(place.index);
    layers.push_back({weights.at(name + ".weight").to(at::kFloat),
                      weights.at(name + ".bias").to(at::kFloat), place.pool_before, place.tap});
  }
  return layers;
}

std::vector<torch::Tensor> features(torch::Tensor x, const std::vector<Layer>& layers) {
  std::vector<torch::Tensor> taps;
  for (const Layer& layer : layers) {
    if (layer.pool_before) x = F::max_pool2d(x, F::MaxPool2dFuncOptions(2));
    x = F::pad(x, F::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReflect));
    x = torch::relu(F::conv2d(x, layer.weight, F::Conv2dFuncOptions().bias(layer.bias)));
    if (layer.tap) taps.push_back(x);
  }
  return taps;
}

torch::Tensor gram(const torch::Tensor& x) {
  const auto f = x.view({x.size(1), -1});
  return torch::mm(f, f.t()) / f.size(1);
}

}  // namespace

PlainResult paint_plainly(const TensorMap& weights, const Image& content, const Image& style,
                          int iterations) {
  const std::vector<Layer> layers = layers_of(weights);
  const torch::Tensor content_picture = to_tensor(content).contiguous();
  torch::Tensor content_target;
  std::vector<torch::Tensor> style_targets;
  {
    const torch::NoGradGuard no_gradients;
    content_target = features(content_picture, layers).back();
    for (const torch::Tensor& tap : features(to_tensor(style).contiguous(), layers))
      style_targets.push_back(gram(tap));
  }
  PlainResult result;
  torch::Tensor picture = content_picture.clone().requires_grad_();
  torch::optim::LBFGS optimiser(
      {picture},
      torch::optim::LBFGSOptions(1).max_iter(1).history_size(10).tolerance_grad(0).tolerance_change(
          0));
  const auto start = std::chrono::steady_clock::now();
  for (; result.iterations < iterations; ++result.iterations) {
    optimiser.step([&] {
      optimiser.zero_grad();
      const auto taps = features(picture, layers);
      torch::Tensor cost = F::mse_loss(taps.back(), content_target);
      for (std::size_t i = 0; i < taps.size(); ++i)
        cost = cost + kStyleWeight * F::mse_loss(gram(taps[i]), style_targets[i]);
      cost.backward();
      result.costs.push_back(cost.item<double>());
      return cost;
    });
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.picture = to_image(picture.detach());
  return result;
}

}  // namespace likeness::bench
