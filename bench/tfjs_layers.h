#pragma once

/// Layers of TensorFlow.js models as our convolutions, for the networks that are only measured.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <likeness/image/geometry.h>
#include <likeness/image/image.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/convolution.h>

namespace likeness::bench {

/// Shared, so that const networks can run it; a packed convolution is safe from many threads.
using Layer = std::shared_ptr<net::ConvolutionImpl>;

struct LayerOptions {
  std::int64_t stride = 1;
  bool valid = false;  ///< no padding; else TensorFlow's SAME for even sizes
  bool depthwise = false;
  bool relu = false;
  std::int64_t size = 0;  ///< expected height and width of the input
};

/// A convolution with the given filters (HWIO, or HWC1 when depthwise) and bias, packed.
Layer make_layer(const at::Tensor& filters, const at::Tensor& bias, const LayerOptions& options);

/// A depthwise 3 × 3 convolution, then a 1 × 1 convolution with the bias.
struct SeparableLayer {
  Layer filter;
  Layer mix;
  at::Tensor forward(const at::Tensor& x) const { return mix->forward(filter->forward(x)); }
};

/// The weights of one model of a package.
class TfjsModel {
 public:
  /// Reads FOLDER/NAME-weights_manifest.json and FOLDER/NAME.bin. Throws as read_file and
  /// parse_tfjs_weights do.
  TfjsModel(const std::filesystem::path& folder, const std::string& name);

  /// Throws Error(corrupt_file) when there is no such tensor.
  const at::Tensor& tensor(const std::string& name) const;
  /// PREFIX/filters and PREFIX/bias.
  Layer layer(const std::string& prefix, const LayerOptions& options) const;
  /// PREFIX/depthwise_filter, PREFIX/pointwise_filter and PREFIX/bias.
  SeparableLayer separable(const std::string& prefix, std::int64_t stride, std::int64_t size) const;

 private:
  std::string name_;
  TensorMap tensors_;
};

/// A box without landmarks.
struct DetectedBox {
  Box box;
  float score = 0;
};

/// `image`, scaled until its longer side is `size`, in the top left of a black square.
Image letterbox(const Image& image, int size);

}  // namespace likeness::bench
