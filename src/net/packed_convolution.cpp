#include "net/packed_convolution.h"

#include <string>
#include <utility>
#include <vector>

#include <ATen/core/dispatch/Dispatcher.h>

namespace likeness::net {
namespace {

c10::optional<c10::OperatorHandle> find_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

}  // namespace

std::shared_ptr<const PackedConvolution> PackedConvolution::make(const torch::Tensor& weight,
                                                                 const torch::Tensor& bias,
                                                                 const Geometry& geometry) {
  const auto pack = find_operator("mkldnn_prepacked::conv2d_prepack");
  if (!pack || !find_operator("mkldnn_prepacked::conv2d_run")) return nullptr;

  const std::int64_t channels = weight.size(1) * geometry.groups;
  using List = std::vector<std::int64_t>;
  torch::jit::Stack stack;
  stack.emplace_back(weight.contiguous());
  stack.emplace_back(bias);
  stack.emplace_back(List{geometry.stride, geometry.stride});
  stack.emplace_back(List{geometry.padding, geometry.padding});
  stack.emplace_back(List{1, 1});
  stack.emplace_back(geometry.groups);
  stack.emplace_back(List{1, channels, geometry.size, geometry.size});
  stack.emplace_back(std::string(geometry.relu ? "relu" : "none"));
  pack->callBoxed(&stack);
  return std::shared_ptr<const PackedConvolution>(new PackedConvolution(std::move(stack.front())));
}

torch::Tensor PackedConvolution::run(const torch::Tensor& x) const {
  static const auto convolve = find_operator("mkldnn_prepacked::conv2d_run");
  torch::jit::Stack stack;
  stack.emplace_back(x);
  stack.emplace_back(context_);
  convolve->callBoxed(&stack);
  return stack.front().toTensor();
}

}  // namespace likeness::net
