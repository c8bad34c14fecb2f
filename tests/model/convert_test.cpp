#include <cstring>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/convert.h>

#include "support/error_code.h"
#include "support/tiny_weights.h"

namespace likeness {
namespace {

/// A TensorFlow.js model of single weights, in the order in which they are added.
class SourceModel {
 public:
  void add(const std::string& name, const std::vector<int>& shape,
           const std::vector<float>& values) {
    std::string sizes;
    for (const int size : shape) sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
    weights_ += (weights_.empty() ? "" : ",") + std::string("{\"name\":\"") + name +
                "\",\"shape\":[" + sizes + "],\"dtype\":\"float32\"}";
    const std::size_t before = data_.size();
    data_.resize(before + values.size() * sizeof(float));
    std::memcpy(data_.data() + before, values.data(), values.size() * sizeof(float));
  }

  SourceFiles files(const std::string& stem) const {
    const std::string manifest = "[{\"weights\":[" + weights_ + "],\"paths\":[\"x.bin\"]}]";
    return {{stem + "-weights_manifest.json", Bytes(manifest.begin(), manifest.end())},
            {stem + ".bin", data_}};
  }

 private:
  std::string weights_;
  Bytes data_;
};

constexpr char kStem[] = "face_recognition_model";

/// face-api's ResNet with one filter of one weight in each layer. The layers' numbers count up, so
/// that a layer in the wrong place is seen.
SourceModel small_resnet(const std::vector<float>& scale = {2}) {
  SourceModel model;
  float number = 1;
  const auto add_layer = [&](const std::string& name, const std::vector<float>& factor) {
    model.add(name + "/conv/filters", {1, 1, 1, 1}, {number});
    model.add(name + "/conv/bias", {1}, {0.5F});
    model.add(name + "/scale/weights", {static_cast<int>(factor.size())}, factor);
    model.add(name + "/scale/biases", {1}, {-1});
    number += 1;
  };
  add_layer("conv32_down", {2});
  for (const std::string block : {"conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1",
                                  "conv64_2", "conv64_3", "conv128_down", "conv128_1", "conv128_2",
                                  "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"}) {
    add_layer(block + "/conv1", scale);
    add_layer(block + "/conv2", {2});
  }
  model.add("fc", {2, 3}, {1, 2, 3, 4, 5, 6});
  return model;
}

TEST(Convert, FoldsTheScaleLayersOfTheResnetIntoItsConvolutions) {
  const TensorMap weights = convert_weights("face_api_resnet", small_resnet().files(kStem));
  EXPECT_EQ(weights.size(), 2 * 29 + 1U);
  // (x · w + 0.5) · 2 − 1
  EXPECT_EQ(weights.at("stem.weight").item<float>(), 2);
  EXPECT_EQ(weights.at("stem.bias").item<float>(), 0);
  EXPECT_EQ(weights.at("blocks.0.conv1.weight").item<float>(), 4);
  EXPECT_EQ(weights.at("blocks.13.conv2.weight").item<float>(), 58);
  EXPECT_TRUE(at::equal(weights.at("projection"),
                        at::tensor({1.0F, 4.0F, 2.0F, 5.0F, 3.0F, 6.0F}).reshape({3, 2})));
}

/// face-api's landmark network with few filters; `biases` in the last layer.
SourceModel small_landmark68(int biases = 3) {
  SourceModel model;
  float number = 1;
  const auto separable = [&](const std::string& name) {
    model.add(name + "/depthwise_filter", {1, 2, 1, 1}, {number, -number});
    model.add(name + "/pointwise_filter", {1, 1, 1, 2}, {number, 10 * number});
    model.add(name + "/bias", {2}, {0.5F, number});
    number += 1;
  };
  model.add("dense0/conv0/filters", {1, 2, 1, 1}, {7, 8});
  model.add("dense0/conv0/bias", {1}, {9});
  for (int block = 0; block < 4; ++block)
    for (int layer = block == 0 ? 1 : 0; layer < 4; ++layer)
      separable("dense" + std::to_string(block) + "/conv" + std::to_string(layer));
  model.add("fc/weights", {2, 3}, {1, 2, 3, 4, 5, 6});
  model.add("fc/bias", {biases}, std::vector<float>(static_cast<std::size_t>(biases), 0.25F));
  return model;
}

constexpr char kLandmarkStem[] = "face_landmark_68_model";

TEST(Convert, PutsEachLayerOfTheLandmarkNetworkInItsPlace) {
  const TensorMap weights =
      convert_weights("face_api_landmark68", small_landmark68().files(kLandmarkStem));
  EXPECT_EQ(weights.size(), 2U + 15 * 4 + 2);
  EXPECT_TRUE(at::equal(weights.at("stem.weight"), at::tensor({7.0F, 8.0F}).view({1, 1, 1, 2})));
  EXPECT_EQ(weights.at("stem.bias").item<float>(), 9);
  const auto first_of = [&](const std::string& name) {
    return weights.at(name + ".filter.weight").flatten()[0].item<float>();
  };
  EXPECT_EQ(first_of("inner.0"), 1);
  EXPECT_EQ(first_of("halving.0"), 4);
  EXPECT_EQ(first_of("inner.3"), 5);
  EXPECT_EQ(first_of("halving.2"), 12);
  EXPECT_EQ(first_of("inner.11"), 15);
  EXPECT_TRUE(
      at::equal(weights.at("inner.1.mix.weight"), at::tensor({2.0F, 20.0F}).view({2, 1, 1, 1})));
  EXPECT_TRUE(at::equal(weights.at("inner.1.mix.bias"), at::tensor({0.5F, 2.0F})));
  EXPECT_EQ(weights.at("inner.1.filter.bias").item<float>(), 0);
  EXPECT_TRUE(at::equal(weights.at("points.weight").flatten(1),
                        at::tensor({1.0F, 4.0F, 2.0F, 5.0F, 3.0F, 6.0F}).reshape({3, 2})));
}

TEST(Convert, ALandmarkLayerWithAnotherNumberOfBiasesIsACorruptFile) {
  const auto call = [] {
    convert_weights("face_api_landmark68", small_landmark68(2).files(kLandmarkStem));
  };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("layer 'points' has 3 filters and a bias of 2"),
            std::string::npos)
      << message_of(call);
}

TEST(Convert, LayersWhosePartsDoNotGoTogetherAreACorruptFile) {
  // Broadcasting would make three filters of the one.
  const auto call = [] {
    convert_weights("face_api_resnet", small_resnet({1, 2, 3}).files(kStem));
  };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("layer 'conv32_1/conv1' has 1 filters and a bias or scale of 3"),
            std::string::npos)
      << message_of(call);
}

TEST(Convert, AWeightOfAnotherRankIsACorruptFile) {
  SourceModel model;
  model.add("conv32_down/conv/filters", {1, 1}, {1});
  model.add("conv32_down/conv/bias", {1}, {1});
  model.add("conv32_down/scale/weights", {1}, {1});
  model.add("conv32_down/scale/biases", {1}, {1});
  const auto call = [&] { convert_weights("face_api_resnet", model.files(kStem)); };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_EQ(message_of(call),
            "face_recognition_model: 'conv32_down/conv/filters' has 2 dimensions, not 4");
}

TEST(Convert, NamesAWeightThatIsMissing) {
  SourceModel model;
  model.add("conv32_down/scale/weights", {1}, {1});
  const auto call = [&] { convert_weights("face_api_resnet", model.files(kStem)); };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("'conv32_down/scale/biases' is missing"), std::string::npos)
      << message_of(call);
}

TEST(Convert, NamesAFileThatIsMissing) {
  for (const std::string converter :
       {"face_api_resnet", "face_api_landmark68", "mobilefacenet", "mtcnn"}) {
    const auto call = [&] { convert_weights(converter, {}); };
    EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
    EXPECT_NE(message_of(call).find("the package lacks the file '"), std::string::npos);
  }
}

TEST(Convert, RefusesANetworkWithOtherLayers) {
  WrittenModel model;
  model.tensors.push_back({"input", {1, 4, 4, 1}, 0, 0});
  const auto weight = model.add_constant("weight", {1, 1, 1, 1}, {1});
  const auto bias = model.add_constant("bias", {1}, {1});
  model.operators = {{0, {0, weight, bias}, {0}}};
  const auto call = [&] {
    convert_weights("mobilefacenet", {{"MobileFaceNet.tflite", model.write()}});
  };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find("1 layers instead of "), std::string::npos) << message_of(call);
  EXPECT_FALSE(
      convert_weights("mobilefacenet", {{"MobileFaceNet.tflite", tiny_mobilefacenet()}}).empty());
}

TEST(Convert, KnowsOnlyItsConverters) {
  const auto call = [] { convert_weights("eigenfaces", {}); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("'eigenfaces'"), std::string::npos);
}

}  // namespace
}  // namespace likeness
