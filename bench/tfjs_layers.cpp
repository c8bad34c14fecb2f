#include "tfjs_layers.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/transform.h>
#include <likeness/model/network.h>
#include <likeness/model/tfjs.h>

namespace likeness::bench {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

TensorMap read_weights(const std::filesystem::path& folder, const std::string& name) {
  const Bytes manifest = read_file(folder / (name + "-weights_manifest.json"), kMostBytes);
  const Bytes data = read_file(folder / (name + ".bin"), kMostBytes);
  return parse_tfjs_weights(manifest, data, name);
}

net::Padding padding_for(std::int64_t kernel, const LayerOptions& options) {
  if (options.valid || kernel == 1) return {};
  return options.stride == 2 ? net::Padding{0, 1} : net::Padding{kernel / 2, kernel / 2};
}

}  // namespace

Layer make_layer(const at::Tensor& filters, const at::Tensor& bias, const LayerOptions& options) {
  LIKENESS_CHECK(filters.dim() == 4);
  const auto weight =
      (options.depthwise ? filters.permute({2, 3, 0, 1}) : filters.permute({3, 2, 0, 1}))
          .contiguous();
  const std::int64_t groups = options.depthwise ? weight.size(0) : 1;
  const net::Convolution layer(net::ConvolutionOptions{
      .in = weight.size(1) * groups,
      .out = weight.size(0),
      .kernel = weight.size(2),
      .stride = options.stride,
      .padding = padding_for(weight.size(2), options),
      .groups = groups,
      .activation = options.relu ? net::Activation::relu : net::Activation::none});
  load_parameters(*layer.ptr(), {{"weight", weight}, {"bias", bias}});
  layer.ptr()->pack(options.size);
  return layer.ptr();
}

TfjsModel::TfjsModel(const std::filesystem::path& folder, const std::string& name)
    : name_(name), tensors_(read_weights(folder, name)) {}

const at::Tensor& TfjsModel::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw Error(ErrorCode::corrupt_file,
                name_ + ": tensor '" + name + "' is missing; is this @vladmandic/face-api 1.7.15?");
  return found->second;
}

Layer TfjsModel::layer(const std::string& prefix, const LayerOptions& options) const {
  return make_layer(tensor(prefix + "/filters"), tensor(prefix + "/bias"), options);
}

SeparableLayer TfjsModel::separable(const std::string& prefix, std::int64_t stride,
                                    std::int64_t size) const {
  const auto& filters = tensor(prefix + "/depthwise_filter");
  LIKENESS_CHECK(filters.dim() == 4);
  return {.filter = make_layer(filters, at::zeros({filters.size(2)}),
                               {.stride = stride, .depthwise = true, .size = size}),
          .mix = make_layer(tensor(prefix + "/pointwise_filter"), tensor(prefix + "/bias"),
                            {.size = size / stride})};
}

Image letterbox(const Image& image, int size) {
  const float scale =
      static_cast<float>(size) / static_cast<float>(std::max(image.width(), image.height()));
  const auto scaled = [&](int side) {
    return std::clamp(static_cast<int>(std::lround(static_cast<float>(side) * scale)), 1, size);
  };
  return crop(resize(image, scaled(image.width()), scaled(image.height())), 0, 0, size, size);
}

}  // namespace likeness::bench
