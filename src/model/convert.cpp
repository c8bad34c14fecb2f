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

using Converter = std::function<TensorMap(const SourceFiles&)>;

const std::map<std::string, Converter>& converters() {
  static const std::map<std::string, Converter> table = {
      {"mobilefacenet", mobilefacenet},
      {"mtcnn", mtcnn},
      {"face_api_resnet", face_api_resnet},
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
