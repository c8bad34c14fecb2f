#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/model/network.h>
#include <likeness/style/perceptual_network.h>

#include "embedded/vgg_half.h"

namespace likeness {
namespace {

/// The mean and standard deviation that torchvision's networks expect to be taken out.
constexpr std::array kMean = {0.485, 0.456, 0.406};
constexpr std::array kDeviation = {0.229, 0.224, 0.225};

constexpr char kNames[] =
    "torchvision's names, features.0.weight (conv1_1) to features.19.weight (conv4_1) and their "
    "biases";

/// As many blocks as `weights` has the layers of.
std::size_t blocks_in(const TensorMap& weights, const std::string& name) {
  std::size_t blocks = 0;
  std::vector<std::string> missing;
  for (std::size_t count = 1; count <= net::kTaps; ++count) {
    missing.clear();
    for (const std::string& layer : net::vgg_layer_names(count))
      for (const char* part : {".weight", ".bias"})
        if (!weights.contains(layer + part)) missing.push_back(layer + part);
    if (!missing.empty()) break;
    blocks = count;
  }
  if (blocks > 0) return blocks;
  throw Error(ErrorCode::corrupt_file, name + ": no VGG network in it: " + comma_list(missing) +
                                           (missing.size() > 1 ? " are" : " is") +
                                           " missing; needed are " + kNames);
}

at::Tensor checked(const at::Tensor& tensor, const std::string& what, at::IntArrayRef sizes) {
  if (tensor.sizes() != sizes) {
    std::ostringstream text;
    text << what << ": got " << tensor.sizes() << ", expected " << sizes;
    throw Error(ErrorCode::corrupt_file, text.str());
  }
  at::Tensor values = tensor.to(at::kFloat);
  if (!at::isfinite(values).all().item<bool>())
    throw Error(ErrorCode::corrupt_file, what + ": holds a NaN or an infinity");
  return values;
}

/// The lift of `tap`, or the identity where the file has none.
Lift read_lift(const TensorMap& weights, const std::string& name, net::Tap tap,
               std::int64_t channels, c10::Device device) {
  const std::string prefix = "lift." + std::string(net::to_string(tap));
  const auto matrix = weights.find(prefix + ".weight");
  const auto offset = weights.find(prefix + ".bias");
  if (matrix == weights.end() && offset == weights.end()) return {};
  if (matrix == weights.end() || offset == weights.end())
    throw Error(ErrorCode::corrupt_file,
                name + ": " + prefix + ": needs both .weight and .bias, and one is missing");
  const std::int64_t out = matrix->second.dim() == 2 ? matrix->second.size(0) : 0;
  const std::string what = name + ": " + prefix;
  return {.matrix = checked(matrix->second, what + ".weight", {out, channels}).to(device),
          .offset = checked(offset->second, what + ".bias", {out}).to(device)};
}

/// conv(w, (x − mean) / deviation) as conv(w', x): the first layer takes in 0…1 then.
void fold_normalization(TensorMap& weights) {
  const auto options = at::TensorOptions(at::kDouble);
  const at::Tensor mean = at::tensor(at::ArrayRef<double>(kMean), options).view({1, 3, 1, 1});
  const at::Tensor deviation =
      at::tensor(at::ArrayRef<double>(kDeviation), options).view({1, 3, 1, 1});
  const at::Tensor filters = weights.at("features.0.weight").to(at::kDouble) / deviation;
  const at::Tensor bias = weights.at("features.0.bias").to(at::kDouble);
  weights["features.0.bias"] = (bias - (filters * mean).sum({1, 2, 3})).to(at::kFloat);
  weights["features.0.weight"] = filters.to(at::kFloat);
}

std::string fingerprint_of(const TensorMap& weights, const PerceptualOptions& options) {
  const Bytes bytes = serialize_safetensors({.tensors = weights});
  return sha256(bytes).substr(0, 16) +
         (options.pooling == net::Pooling::average ? "-average" : "") +
         (options.bf16 ? "-bf16" : "");
}

}  // namespace

net::VggOptions layers_in(const TensorMap& weights, std::size_t blocks, const std::string& name) {
  constexpr std::int64_t kMostChannels = 2048;
  net::VggOptions layers{.widths = {}};
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::string layer = net::vgg_layer_names(block + 1).back() + ".weight";
    const auto found = weights.find(layer);
    if (found == weights.end())
      throw Error(ErrorCode::corrupt_file,
                  name + ": has no filters '" + layer + "'; needed are " + kNames);
    const at::Tensor& filters = found->second;
    const std::int64_t read = block > 0 ? layers.tap_widths.back() : 3;
    if (filters.dim() != 4 || filters.size(0) < 1 || filters.size(0) > kMostChannels ||
        filters.size(1) < 1 || filters.size(1) > read) {
      std::ostringstream text;
      text << name << ": " << layer << ": got " << filters.sizes() << ", expected [1 to "
           << kMostChannels << ", 1 to " << read << ", 3, 3]";
      throw Error(ErrorCode::corrupt_file, text.str());
    }
    layers.tap_widths.push_back(filters.size(0));
    // A block is as wide as what the next one reads.
    if (block > 0) layers.widths.push_back(filters.size(1));
  }
  layers.widths.push_back(layers.tap_widths.back());
  return layers;
}

PerceptualNetwork make_perceptual_network(const TensorMap& weights, const std::string& name,
                                          c10::Device device, const PerceptualOptions& options) {
  const at::NoGradGuard no_gradients;
  const std::size_t blocks = blocks_in(weights, name);
  const net::VggOptions layers = layers_in(weights, blocks, name);
  PerceptualNetwork network;
  network.options_ = options;
  network.device_ = device;
  network.network_ = net::Vgg(net::VggOptions{
      .widths = layers.widths, .tap_widths = layers.tap_widths, .pooling = options.pooling});
  try {
    load_parameters(*network.network_, weights);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
  for (std::size_t i = 0; i < blocks; ++i)
    network.lifts_.push_back(
        read_lift(weights, name, static_cast<net::Tap>(i), layers.tap_widths[i], device));
  const auto type = options.bf16 ? at::kBFloat16 : at::kFloat;
  for (auto* tensors : {&network.network_->weights, &network.network_->biases})
    for (at::Tensor& tensor : *tensors) {
      tensor.set_requires_grad(false);
      tensor = tensor.to(device, type);
      if (tensor.dim() == 4) tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
    }
  network.fingerprint_ = fingerprint_of(weights, options);
  return network;
}

PerceptualNetwork builtin_perceptual_network(c10::Device device, const PerceptualOptions& options) {
  static constexpr char kName[] = "vgg_half (compiled in)";
  return make_perceptual_network(parse_safetensors(embedded::vgg_half(), kName).tensors, kName,
                                 device, options);
}

PerceptualNetwork open_perceptual_network(const std::filesystem::path& folder, c10::Device device,
                                          const PerceptualOptions& options) {
  const ModelEntry entry = read_local_model(folder, builtin_manifest());
  if (entry.task != "perceptual network")
    throw Error(ErrorCode::invalid_argument,
                folder.string() + ": holds a " + entry.task + ", not a perceptual network");
  return make_perceptual_network(read_safetensors(entry.file).tensors, entry.file.string(), device,
                                 options);
}

TensorMap read_vgg19(const std::filesystem::path& file) {
  TensorFile content = read_safetensors(file);
  blocks_in(content.tensors, file.string());
  const auto input = content.metadata.find("input");
  const bool plain =
      input != content.metadata.end() && input->second.find("0..1") != std::string::npos;
  if (!plain) {
    checked(content.tensors.at("features.0.weight"), file.string() + ": features.0.weight",
            {layers_in(content.tensors, 1, file.string()).tap_widths[0], 3, 3, 3});
    fold_normalization(content.tensors);
  }
  return std::move(content.tensors);
}

PerceptualNetwork load_vgg19(const std::filesystem::path& file, c10::Device device,
                             const PerceptualOptions& options) {
  return make_perceptual_network(read_vgg19(file), file.string(), device, options);
}

std::vector<at::Tensor> PerceptualNetwork::features(const at::Tensor& picture,
                                                    net::Tap last) const {
  net::Vgg network = network_;
  return network->forward(picture.to(options_.bf16 ? at::kBFloat16 : at::kFloat), last);
}

}  // namespace likeness
