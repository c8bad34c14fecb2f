#include <sstream>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/model/network.h>
#include <torch/nn/module.h>

namespace likeness {
namespace {

std::string text(torch::IntArrayRef shape) {
  std::ostringstream out;
  out << shape;
  return out.str();
}

}  // namespace

void load_parameters(torch::nn::Module& network, const TensorMap& weights,
                     const std::string& prefix) {
  const torch::NoGradGuard no_gradients;
  for (auto& item : network.named_parameters()) {
    const std::string name = prefix + item.key();
    const auto found = weights.find(name);
    if (found == weights.end())
      throw Error(ErrorCode::corrupt_file, name + ": missing among the weights");
    const torch::Tensor& value = found->second;
    if (value.sizes() != item.value().sizes())
      throw Error(ErrorCode::corrupt_file, name + ": got " + text(value.sizes()) + ", expected " +
                                               text(item.value().sizes()));
    if (!value.is_floating_point() || !at::isfinite(value).all().item<bool>())
      throw Error(ErrorCode::corrupt_file, name + ": holds values that are not finite numbers");
    item.value().copy_(value);
  }
  network.eval();
}

}  // namespace likeness
