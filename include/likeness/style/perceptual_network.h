#pragma once

/// The network whose activations are compared, with its weights: our slim one, or VGG-19 from a
/// file of the user's. Safe to use from many threads.
///
/// A slim network is a student of VGG-19. Each of its taps comes with a learned linear map to the
/// teacher's channels, the lift, so that costs are those of the teacher: activations become
/// M·a + o, and Gram matrices M·G·Mᵀ with what the offset adds (moments.h).
///
///     const PerceptualNetwork network = builtin_perceptual_network(at::kCPU, {.bf16 = true});
///     const auto taps = network.features(to_tensor(photo));

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/model/local_model.h>
#include <likeness/net/vgg.h>

namespace likeness {

/// From a tap's channels to those of the teacher. Undefined tensors: the identity.
struct Lift {
  at::Tensor matrix = {};  ///< [teacher's channels, channels], float32
  at::Tensor offset = {};  ///< [teacher's channels], float32

  bool is_identity() const { return !matrix.defined(); }
};

struct PerceptualOptions {
  bool bf16 = false;  ///< activations in bfloat16
  net::Pooling pooling = net::Pooling::maximum;
};

class PerceptualNetwork {
 public:
  /// `picture`: [1, 3, H, W] float32, RGB 0…1, channels-last for speed, on the network's device.
  /// Returns the activations from relu1_1 to `last` as net::VggImpl does, in bfloat16 where that
  /// was asked for. Gradients reach the picture. Requires sides of
  /// net::VggImpl::smallest_side(last).
  std::vector<at::Tensor> features(const at::Tensor& picture, net::Tap last) const;

  const Lift& lift(net::Tap tap) const { return lifts_.at(static_cast<std::size_t>(tap)); }
  net::Tap last_tap() const { return network_->last_tap(); }
  const net::VggOptions& layers() const { return network_->options; }
  c10::Device device() const { return device_; }
  bool bf16() const { return options_.bf16; }
  const PerceptualOptions& options() const { return options_; }
  /// Tells this network with these weights and options from others, in a file's name for example.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  friend PerceptualNetwork make_perceptual_network(const TensorMap&, const std::string&,
                                                   c10::Device, const PerceptualOptions&);
  net::Vgg network_{nullptr};
  std::vector<Lift> lifts_;
  c10::Device device_ = c10::kCPU;
  PerceptualOptions options_;
  std::string fingerprint_;
};

/// From the tensors "features.0.weight" …, with torchvision's numbering, and where the network is a
/// student "lift.relu1_1.weight" and ".bias" …; input RGB 0…1. `name` stands for them in errors.
/// Throws Error(corrupt_file) that names what is missing, has another shape or is not finite.
PerceptualNetwork make_perceptual_network(const TensorMap& weights, const std::string& name,
                                          c10::Device device, const PerceptualOptions& options);

/// Channels of the first `blocks` blocks and their taps, as the sizes of their filters in `weights`
/// say. Throws Error(corrupt_file) for filters that are missing or read more channels than there
/// are; `name` stands for the file.
net::VggOptions layers_in(const TensorMap& weights, std::size_t blocks, const std::string& name);

/// The network that is compiled in (models/vgg_half).
PerceptualNetwork builtin_perceptual_network(c10::Device device, const PerceptualOptions& options);

/// A network that `likeness train perceptual` made, from its folder.
/// Throws Error as read_local_model does, invalid_argument for another kind of model.
PerceptualNetwork open_perceptual_network(const std::filesystem::path& folder, c10::Device device,
                                          const PerceptualOptions& options);

/// VGG-19's weights from a safetensors file with torchvision's names, as far as it goes, at least
/// to relu1_1. Unless its metadata "input" says "0..1", the file takes in pictures normalised by
/// torchvision's mean and standard deviation, which are folded into the first convolution here;
/// that is exact, as reflection, unlike zeros, commutes with it. Throws Error: as read_safetensors
/// does, corrupt_file that says what is missing.
TensorMap read_vgg19(const std::filesystem::path& file);

/// The network with these weights. Throws Error as read_vgg19 and make_perceptual_network do.
PerceptualNetwork load_vgg19(const std::filesystem::path& file, c10::Device device,
                             const PerceptualOptions& options);

}  // namespace likeness
