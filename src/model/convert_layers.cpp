#include "model/convert_layers.h"

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/net/convolution.h>
#include <torch/nn/module.h>

namespace likeness::convert {
namespace {

// BuiltinOperator of the TensorFlow Lite schema.
constexpr int kConv2d = 3;
constexpr int kDepthwiseConv2d = 4;
constexpr int kFullyConnected = 9;
constexpr int kMul = 18;
constexpr int kNegative = 59;
constexpr int kAbsolute = 101;

[[noreturn]] void throw_unexpected(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::corrupt_file, name + ": " + what + "; is this the pinned version?");
}

class Reader {
 public:
  Reader(const TfliteModel& model, const std::vector<std::int64_t>& dense_sizes,
         const std::string& name)
      : model_(model), dense_sizes_(dense_sizes), name_(name) {}

  std::vector<Layer> read() {
    for (const auto& op : model_.operators) {
      switch (op.builtin_code) {
        case kConv2d:
          layers_.push_back({constant(op, 1, 4).permute({0, 3, 1, 2}), constant(op, 2, 1), {}});
          break;
        case kDepthwiseConv2d:
          layers_.push_back({constant(op, 1, 4).permute({3, 0, 1, 2}), constant(op, 2, 1), {}});
          break;
        case kFullyConnected:
          layers_.push_back({dense_as_convolution(constant(op, 1, 2)), constant(op, 2, 1), {}});
          break;
        case kNegative:  // max(x, 0) + slope · −max(−x, 0)
          slope_factor_ = 1;
          break;
        case kAbsolute:  // max(x, 0) + slope/2 · (x − |x|)
          slope_factor_ = 2;
          break;
        case kMul:
          if (layers_.empty()) throw_unexpected(name_, "a product before the first layer");
          layers_.back().slope = slope_factor_ * constant(op, 0, 1);
          break;
        default:
          break;
      }
    }
    return std::move(layers_);
  }

 private:
  torch::Tensor constant(const TfliteOperator& op, std::size_t input, std::int64_t rank) const {
    const int index = input < op.inputs.size() ? op.inputs[input] : -1;
    if (index < 0) throw_unexpected(name_, "a layer lacks its input " + std::to_string(input));
    const auto& tensor = model_.tensors[static_cast<std::size_t>(index)];
    if (!tensor.data.defined() || tensor.data.scalar_type() != torch::kFloat32 ||
        tensor.data.dim() != rank)
      throw_unexpected(
          name_, "'" + tensor.name + "' is not a float32 constant of rank " + std::to_string(rank));
    return tensor.data;
  }

  torch::Tensor dense_as_convolution(const torch::Tensor& weight) {
    const std::int64_t size = dense_ < dense_sizes_.size() ? dense_sizes_[dense_++] : 0;
    if (size <= 0 || weight.size(1) % (size * size) != 0)
      throw_unexpected(name_, "a dense layer of an unexpected size");
    return weight.reshape({weight.size(0), size, size, -1}).permute({0, 3, 1, 2});
  }

  const TfliteModel& model_;
  const std::vector<std::int64_t>& dense_sizes_;
  const std::string& name_;
  std::vector<Layer> layers_;
  std::size_t dense_ = 0;
  float slope_factor_ = 1;
};

}  // namespace

std::vector<Layer> tflite_layers(const TfliteModel& model,
                                 const std::vector<std::int64_t>& dense_sizes,
                                 const std::string& name) {
  return Reader(model, dense_sizes, name).read();
}

void store_layers(TensorMap& weights, const std::vector<std::string>& names,
                  const std::vector<Layer>& layers, const std::string& source) {
  if (names.size() != layers.size())
    throw_unexpected(source, std::to_string(layers.size()) + " layers instead of " +
                                 std::to_string(names.size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    weights[names[i] + ".weight"] = layers[i].weight.contiguous();
    weights[names[i] + ".bias"] = layers[i].bias.contiguous();
    if (layers[i].slope.defined()) weights[names[i] + ".slope"] = layers[i].slope.contiguous();
  }
}

const torch::Tensor& require(const TensorMap& tensors, const std::string& name,
                             const std::string& source) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw_unexpected(source, "tensor '" + name + "' is missing");
  return found->second;
}

std::vector<std::string> convolution_names(const torch::nn::Module& network) {
  std::vector<std::string> names;
  for (const auto& item : network.named_modules())
    if (item.value()->as<net::ConvolutionImpl>() != nullptr) names.push_back(item.key());
  return names;
}

}  // namespace likeness::convert
