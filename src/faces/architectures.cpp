#include "faces/architectures.h"

#include <charconv>
#include <functional>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/faces/encoder_network.h>
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

/// A network without weights, and how it is prepared for inference.
struct BuiltNetwork {
  EncoderNetwork network;
  std::size_t batch = 1;  ///< as EncoderBranch
  std::function<void()> pack;
};

template <class Network>
BuiltNetwork built(Network network, const AlignmentTemplate& target,
                   const Normalization& normalization, int dimensions, std::size_t batch) {
  return {
      .network = {.target = target,
                  .normalization = normalization,
                  .dimensions = dimensions,
                  .module = network.ptr(),
                  .forward =
                      [network](const torch::Tensor& x) mutable { return network->forward(x); }},
      .batch = batch,
      .pack = [network]() mutable { network->pack(); }};
}

BuiltNetwork mobilefacenet(const ModelEntry&) {
  // One thread, ms a picture in batches of 1, 4, 8, 32: 3.7, 2.8, 4.7, 5.7.
  return built(net::MobileFaceNet(), arcface_template(), kMinusOneToOne,
               net::MobileFaceNetImpl::kDimensions, 4);
}

BuiltNetwork resnet(const ModelEntry&) {
  // Likewise 4.6, 2.9, 2.7, 2.6.
  return built(net::ResNet(), dlib_template(), kDlib, net::ResNetImpl::kDimensions, 8);
}

BuiltNetwork compact_encoder(const ModelEntry& entry) {
  const int size = number(entry, "size", 32, 112);
  if (size % 16 != 0)
    throw Error(ErrorCode::corrupt_file, "model '" + entry.id + "': the setting \"size\" is " +
                                             std::to_string(size) + ", no multiple of 16");
  const int dimensions = number(entry, "dimensions", 8, 512);
  return built(
      net::CompactEncoder(net::CompactEncoderOptions{.size = size, .dimensions = dimensions}),
      scaled_template(arcface_template(), size), kMinusOneToOne, dimensions, 8);
}

struct Architecture {
  const char* name;
  BuiltNetwork (*build)(const ModelEntry& entry);
};

constexpr Architecture kArchitectures[] = {
    {"mobilefacenet", mobilefacenet},
    {"resnet", resnet},
    {"compact_encoder", compact_encoder},
};

/// With its weights, on the CPU.
BuiltNetwork loaded(const ModelStore& store, const ModelEntry& entry) {
  for (const Architecture& architecture : kArchitectures)
    if (entry.architecture == architecture.name) {
      BuiltNetwork network = architecture.build(entry);
      load_parameters(*network.network.module, store.load(entry.id));
      return network;
    }
  throw Error(ErrorCode::invalid_argument,
              "model '" + entry.id + "' is no face encoder that this version can run");
}

}  // namespace

EncoderBranch load_branch(const ModelStore& store, const ModelEntry& entry, double share,
                          c10::Device device, bool bf16) {
  const BuiltNetwork network = loaded(store, entry);
  network.network.module->to(device, bf16 ? torch::kBFloat16 : torch::kFloat32);
  network.pack();
  return {.target = network.network.target,
          .normalization = network.network.normalization,
          .dimensions = network.network.dimensions,
          .share = share,
          .batch = network.batch,
          .forward = network.network.forward};
}

EncoderNetwork encoder_network(const ModelStore& store, const std::string& model) {
  const ModelEntry& entry = store.manifest().find(model);
  if (!entry.parts.empty())
    throw Error(ErrorCode::invalid_argument,
                "model '" + model + "' combines " + std::to_string(entry.parts.size()) +
                    (entry.parts.size() == 1 ? " network with a head" : " networks") +
                    "; name a single one");
  return loaded(store, entry).network;
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
