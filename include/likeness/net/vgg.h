#pragma once

/// The perceptual network: VGG-19 (Simonyan and Zisserman 2015) as far as its activations are
/// compared, in full or with fewer channels. Convolutions of 3 × 3 with ReLU, each padded by
/// reflection, and pooling of 2 × 2 between blocks. Safe to run from many threads.
///
///     Vgg network(VggOptions{});
///     load_parameters(*network, weights);              // "features.0.weight" …
///     const auto taps = network->forward(picture);     // relu1_1, relu2_1, relu3_1, relu4_1

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

/// Layers whose activations are compared: what follows the first convolution of each block.
enum class Tap { relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 };
inline constexpr int kTaps = 5;

/// "relu1_1" …
std::string_view to_string(Tap tap);
/// Throws Error(invalid_argument) with the names that there are.
Tap tap_from_name(std::string_view name);

enum class Pooling {
  maximum,  ///< as the network was trained for recognition
  average,  ///< Gatys et al. 2016: smoother pictures
};

struct VggOptions {
  /// Channels of block 1, 2, …; the last block has one convolution, which ends in the last tap.
  std::vector<std::int64_t> widths = {64, 128, 256, 512};
  /// Channels of each block's tap, at least the block's width; empty: the widths. Those beyond the
  /// width are compared, and no later layer reads them: they cost one convolution.
  std::vector<std::int64_t> tap_widths = {};
  Pooling pooling = Pooling::maximum;
};

/// A module that holds others or parameters: named parts of the network.
struct GroupImpl : torch::nn::Module {};
TORCH_MODULE(Group);

struct VggImpl : torch::nn::Module {
  /// Throws std::logic_error unless there are 1 to kTaps widths above 0, and as many for the taps,
  /// the last one the last block's own. Weights are zero until they are loaded.
  explicit VggImpl(const VggOptions& options);

  /// x: [N, 3, H, W], RGB 0…1, channels-last for speed, float32 or bfloat16; H and W so large that
  /// each block sees 2 × 2 at least (smallest_side). Returns the activations of each tap, the one
  /// of block b+1 at [N, tap_widths[b], ⌊H/2^b⌋, ⌊W/2^b⌋], up to `last`.
  ///
  /// Gradients reach x and, while parameters require them, these too; that form can be
  /// differentiated twice. With frozen parameters the borders cost next to nothing
  /// (reflect_convolution.h).
  std::vector<torch::Tensor> forward(const torch::Tensor& x, Tap last);
  std::vector<torch::Tensor> forward(const torch::Tensor& x) { return forward(x, last_tap()); }

  Tap last_tap() const { return static_cast<Tap>(options.widths.size() - 1); }
  /// Of a picture, so that reflection has a second row to show in every block up to `last`.
  static std::int64_t smallest_side(Tap last) { return std::int64_t{2} << static_cast<int>(last); }
  /// How far, in pixels of the picture, a position of `last` sees beyond its own square.
  static std::int64_t reach(Tap last);

  VggOptions options;                  ///< with the taps' widths
  std::vector<torch::Tensor> weights;  ///< [out, in, 3, 3], in order; "features.N.weight"
  std::vector<torch::Tensor> biases;   ///< [out]

 private:
  Group features_{nullptr};
};
TORCH_MODULE(Vgg);

/// The names of the parameters in torchvision's numbering: "features.0" for conv1_1, …, up to the
/// first convolution of block `blocks`.
std::vector<std::string> vgg_layer_names(std::size_t blocks);

}  // namespace likeness::net
