#include <cstdint>
#include <functional>
#include <initializer_list>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/model/convert.h>
#include <likeness/model/tfjs.h>
#include <likeness/model/tflite.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/mtcnn.h>
#include <likeness/net/resnet.h>
#include <torch/nn/module.h>

#include "model/convert_layers.h"

namespace likeness {
namespace {

const Bytes& file(const SourceFiles& files, const std::string& name) {
  const auto found = files.find(name);
  if (found == files.end())
    throw Error(ErrorCode::corrupt_file, "the package lacks the file '" + name + "'");
  return found->second;
}

TensorMap tfjs(const SourceFiles& files, const std::string& stem) {
  return parse_tfjs_weights(file(files, stem + "-weights_manifest.json"),
                            file(files, stem + ".bin"), stem);
}

/// The tensor `name` of `source`, which must have `rank` dimensions.
const torch::Tensor& of_rank(std::int64_t rank, const TensorMap& source, const std::string& name,
                             const std::string& stem) {
  const torch::Tensor& tensor = convert::require(source, name, stem);
  if (tensor.dim() != rank)
    throw Error(ErrorCode::corrupt_file, stem + ": '" + name + "' has " +
                                             std::to_string(tensor.dim()) + " dimensions, not " +
                                             std::to_string(rank));
  return tensor;
}

TensorMap mobilefacenet(const SourceFiles& files) {
  const std::string name = "MobileFaceNet.tflite";
  TensorMap weights;
  convert::store_layers(weights, convert::convolution_names(*net::MobileFaceNet()),
                        convert::tflite_layers(parse_tflite(file(files, name), name), {}, name),
                        name);
  return weights;
}

/// These networks were trained on transposed pictures; transposed filters see upright ones.
TensorMap mtcnn(const SourceFiles& files) {
  TensorMap weights;
  const auto add = [&](const std::string& stage, const torch::nn::Module& network,
                       const std::vector<std::int64_t>& dense_sizes) {
    const std::string name = stage + ".tflite";
    auto layers = convert::tflite_layers(parse_tflite(file(files, name), name), dense_sizes, name);
    for (auto& layer : layers) layer.weight = layer.weight.transpose(2, 3);
    auto names = convert::convolution_names(network);
    for (auto& layer_name : names) layer_name = stage + "." + layer_name;
    convert::store_layers(weights, names, layers, name);
  };
  add("pnet", *net::PNet(), {});
  add("rnet", *net::RNet(), {3, 1, 1});
  add("onet", *net::ONet(), {3, 1, 1, 1});
  return weights;
}

/// face-api's copy of dlib's network: convolutions with bias, each followed by a scale layer.
TensorMap face_api_resnet(const SourceFiles& files) {
  const std::string stem = "face_recognition_model";
  const TensorMap source = tfjs(files, stem);
  TensorMap weights;
  const auto fold = [&](const std::string& from, const std::string& to) {
    const auto& factor = of_rank(1, source, from + "/scale/weights", stem);
    const auto& shift = of_rank(1, source, from + "/scale/biases", stem);
    const auto& bias = of_rank(1, source, from + "/conv/bias", stem);
    const auto& hwio = of_rank(4, source, from + "/conv/filters", stem);
    const auto weight = hwio.permute({3, 2, 0, 1});
    for (const torch::Tensor& part : {factor, shift, bias})
      if (part.size(0) != weight.size(0))
        throw Error(ErrorCode::corrupt_file,
                    stem + ": layer '" + from + "' has " + std::to_string(weight.size(0)) +
                        " filters and a bias or scale of " + std::to_string(part.size(0)));
    weights[to + ".weight"] = (weight * factor.view({-1, 1, 1, 1})).contiguous();
    weights[to + ".bias"] = (bias * factor + shift).contiguous();
  };
  fold("conv32_down", "stem");
  int block = 0;
  for (const char* name : {"conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1",
                           "conv64_2", "conv64_3", "conv128_down", "conv128_1", "conv128_2",
                           "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"}) {
    const std::string to = "blocks." + std::to_string(block++);
    fold(name + std::string("/conv1"), to + ".conv1");
    fold(name + std::string("/conv2"), to + ".conv2");
  }
  weights["projection"] = of_rank(2, source, "fc", stem).t().contiguous();
  return weights;
}

/// face-api's network for 68 landmarks: blocks of depthwise separable convolutions.
TensorMap face_api_landmark68(const SourceFiles& files) {
  const std::string stem = "face_landmark_68_model";
  const TensorMap source = tfjs(files, stem);
  TensorMap weights;
  const auto store = [&](const std::string& to, const torch::Tensor& weight,
                         const torch::Tensor& bias) {
    if (bias.size(0) != weight.size(0))
      throw Error(ErrorCode::corrupt_file,
                  stem + ": layer '" + to + "' has " + std::to_string(weight.size(0)) +
                      " filters and a bias of " + std::to_string(bias.size(0)));
    weights[to + ".weight"] = weight.contiguous();
    weights[to + ".bias"] = bias.contiguous();
  };
  const auto separable = [&](const std::string& from, const std::string& to) {
    const auto filter = of_rank(4, source, from + "/depthwise_filter", stem).permute({2, 3, 0, 1});
    store(to + ".filter", filter, at::zeros({filter.size(0)}));
    store(to + ".mix", of_rank(4, source, from + "/pointwise_filter", stem).permute({3, 2, 0, 1}),
          of_rank(1, source, from + "/bias", stem));
  };
  store("stem", of_rank(4, source, "dense0/conv0/filters", stem).permute({3, 2, 0, 1}),
        of_rank(1, source, "dense0/conv0/bias", stem));
  for (int block = 0; block < 4; ++block) {
    const std::string from = "dense" + std::to_string(block) + "/conv";
    if (block > 0) separable(from + "0", "halving." + std::to_string(block - 1));
    for (int i = 0; i < 3; ++i)
      separable(from + std::to_string(i + 1), "inner." + std::to_string(3 * block + i));
  }
  store("points", of_rank(2, source, "fc/weights", stem).t().unsqueeze(2).unsqueeze(3),
        of_rank(1, source, "fc/bias", stem));
  return weights;
}

using Converter = std::function<TensorMap(const SourceFiles&)>;

const std::map<std::string, Converter>& converters() {
  static const std::map<std::string, Converter> table = {
      {"mobilefacenet", mobilefacenet},
      {"mtcnn", mtcnn},
      {"face_api_resnet", face_api_resnet},
      {"face_api_landmark68", face_api_landmark68},
  };
  return table;
}

}  // namespace

TensorMap convert_weights(const std::string& converter, const SourceFiles& files) {
  const auto found = converters().find(converter);
  if (found == converters().end())
    throw Error(ErrorCode::invalid_argument, "there is no converter called '" + converter + "'");
  return found->second(files);
}

}  // namespace likeness
