#include "faces/architectures.h"

#include <charconv>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/model/network.h>
#include <likeness/net/compact_encoder.h>
#include <likeness/net/convolution.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/resnet.h>

namespace likeness {
namespace {

constexpr Normalization kMinusOneToOne = {.mean = {127.5F, 127.5F, 127.5F}, .scale = 1 / 128.0F};
constexpr Normalization kDlib = {.mean = {122.782F, 117.001F, 104.298F}, .scale = 1 / 256.0F};

/// A whole number out of the entry's settings.
int number(const ModelEntry& entry, const char* key, int lowest, int highest) {
  const auto found = entry.settings.find(key);
  const std::string text = found == entry.settings.end() ? "" : found->second;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest || value > highest)
    throw Error(ErrorCode::corrupt_file, "model '" + entry.id + "': the setting \"" + key +
                                             "\" is '" + text + "', expected a whole number from " +
                                             std::to_string(lowest) + " to " +
                                             std::to_string(highest));
  return value;
}

template <class Network>
Forward prepared(Network network, const TensorMap& weights, c10::Device device, bool bf16) {
  load_parameters(*network, weights);
  network->to(device, bf16 ? torch::kBFloat16 : torch::kFloat32);
  network->pack();
  return [network](const torch::Tensor& x) mutable { return network->forward(x); };
}

EncoderBranch mobilefacenet(const ModelEntry&, const TensorMap& weights, c10::Device device,
                            bool bf16) {
  return {.target = arcface_template(),
          .normalization = kMinusOneToOne,
          .dimensions = net::MobileFaceNetImpl::kDimensions,
          .batch = 4,  // one thread, ms a picture in batches of 1, 4, 8, 32: 3.7, 2.8, 4.7, 5.7
          .forward = prepared(net::MobileFaceNet(), weights, device, bf16)};
}

EncoderBranch resnet(const ModelEntry&, const TensorMap& weights, c10::Device device, bool bf16) {
  return {.target = dlib_template(),
          .normalization = kDlib,
          .dimensions = net::ResNetImpl::kDimensions,
          .batch = 8,  // likewise 4.6, 2.9, 2.7, 2.6
          .forward = prepared(net::ResNet(), weights, device, bf16)};
}

EncoderBranch compact_encoder(const ModelEntry& entry, const TensorMap& weights, c10::Device device,
                              bool bf16) {
  const int size = number(entry, "size", 32, 112);
  if (size % 16 != 0)
    throw Error(ErrorCode::corrupt_file, "model '" + entry.id + "': the setting \"size\" is " +
                                             std::to_string(size) + ", no multiple of 16");
  const int dimensions = number(entry, "dimensions", 8, 512);
  net::CompactEncoder network(net::CompactEncoderOptions{.size = size, .dimensions = dimensions});
  return {.target = scaled_template(arcface_template(), size),
          .normalization = kMinusOneToOne,
          .dimensions = dimensions,
          .batch = 8,
          .forward = prepared(std::move(network), weights, device, bf16)};
}

struct Architecture {
  const char* name;
  EncoderBranch (*load)(const ModelEntry& entry, const TensorMap& weights, c10::Device device,
                        bool bf16);
};

constexpr Architecture kArchitectures[] = {
    {"mobilefacenet", mobilefacenet},
    {"resnet", resnet},
    {"compact_encoder", compact_encoder},
};

}  // namespace

EncoderBranch load_branch(const ModelStore& store, const ModelEntry& entry, double share,
                          c10::Device device, bool bf16) {
  for (const Architecture& architecture : kArchitectures)
    if (entry.architecture == architecture.name) {
      EncoderBranch branch = architecture.load(entry, store.load(entry.id), device, bf16);
      branch.share = share;
      return branch;
    }
  throw Error(ErrorCode::invalid_argument,
              "model '" + entry.id + "' is no face encoder that this version can run");
}

EncoderHead load_head(const ModelStore& store, const ModelEntry& entry, int dimensions) {
  if (entry.architecture != "projection_head")
    throw Error(ErrorCode::invalid_argument, "model '" + entry.id + "' has the architecture '" +
                                                 entry.architecture +
                                                 "', which this version cannot put behind others");
  const int own = number(entry, "dimensions", 1, 4096);
  // A convolution, since a matrix product would go to the system's BLAS, which has threads of its
  // own.
  net::Convolution network(net::ConvolutionOptions{.in = dimensions, .out = own, .kernel = 1});
  TensorMap weights = store.load(entry.id);
  if (weights.contains("weight") && weights["weight"].dim() == 2)
    weights["weight"] = weights["weight"].unsqueeze(2).unsqueeze(3);
  load_parameters(*network, weights);
  network->pack(1);
  return {.dimensions = own, .forward = [network](const torch::Tensor& x) mutable {
            return network->forward(x.unsqueeze(2).unsqueeze(3)).flatten(1);
          }};
}

}  // namespace likeness
