#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/style/moments.h>
#include <likeness/style/perceptual_network.h>
#include <stdlib.h>

#include "style/tiny_network.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

std::string message_of(const TensorMap& weights) {
  try {
    make_perceptual_network(weights, "file", at::kCPU, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt_file);
    return error.what();
  }
  return "no error";
}

TEST(PerceptualNetwork, TheBuiltInOneHasFourTapsWithLifts) {
  const PerceptualNetwork network = builtin_perceptual_network(at::kCPU, {});
  EXPECT_EQ(network.last_tap(), net::Tap::relu4_1);
  const auto taps = network.features(smooth_picture(32, 48, 1), net::Tap::relu4_1);
  ASSERT_EQ(taps.size(), 4U);
  for (const auto& [tap, channels] : {std::pair{net::Tap::relu1_1, 64},
                                      {net::Tap::relu2_1, 128},
                                      {net::Tap::relu3_1, 256},
                                      {net::Tap::relu4_1, 512}}) {
    ASSERT_FALSE(network.lift(tap).is_identity());
    EXPECT_EQ(network.lift(tap).matrix.size(0), channels);
    const at::Tensor teacher = lifted(taps.at(static_cast<std::size_t>(tap)), network.lift(tap));
    EXPECT_GT(teacher.mean().item<float>(), 0.1) << "activations of the teacher are not this small";
  }
}

TEST(PerceptualNetwork, TheBuiltInOneIsTheModelOfTheRepository) {
  const fs::path folder = fs::path(LIKENESS_SOURCE_DIR) / "models/vgg_half";
  EXPECT_EQ(builtin_perceptual_network(at::kCPU, {}).fingerprint(),
            open_perceptual_network(folder, at::kCPU, {}).fingerprint());
  EXPECT_THROW(open_perceptual_network(folder.parent_path() / "compact64", at::kCPU, {}), Error);
}

TEST(PerceptualNetwork, Bfloat16IsCloseToFloat32) {
  const at::Tensor picture = smooth_picture(64, 64, 1);
  const auto exact = builtin_perceptual_network(at::kCPU, {}).features(picture, net::Tap::relu4_1);
  const auto rounded =
      builtin_perceptual_network(at::kCPU, {.bf16 = true}).features(picture, net::Tap::relu4_1);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(rounded[i].scalar_type(), at::kBFloat16);
    const auto error = (rounded[i].to(at::kFloat) - exact[i]).norm() / exact[i].norm();
    EXPECT_LT(error.item<float>(), 0.02) << i;
  }
}

TEST(PerceptualNetwork, SaysWhatIsMissing) {
  TensorMap weights = tiny_weights({4, 6});
  EXPECT_NE(message_of({}).find("features.0.weight"), std::string::npos);
  weights.erase("features.0.bias");
  EXPECT_NE(message_of(weights).find("features.0.bias is missing"), std::string::npos)
      << message_of(weights);
  TensorMap shape = tiny_weights({4, 6});
  shape["features.2.weight"] = at::zeros({4, 5, 3, 3});
  EXPECT_NE(message_of(shape).find("features.2.weight"), std::string::npos);
  TensorMap flat = tiny_weights({4, 6});
  flat["features.5.weight"] = at::zeros({6});
  EXPECT_NE(message_of(flat).find("features.5.weight: got [6]"), std::string::npos);
  TensorMap more = tiny_weights({4, 6, 8});
  more["features.10.weight"] = at::zeros({8, 7, 3, 3});
  EXPECT_NE(message_of(more).find("features.10.weight: got [8, 7, 3, 3], expected [1 to 2048, 1 to "
                                  "6, 3, 3]"),
            std::string::npos)
      << message_of(more);
  TensorMap nan = tiny_weights({4, 6});
  nan["features.2.bias"][1] = std::nan("");
  EXPECT_NE(message_of(nan).find("features.2.bias"), std::string::npos);
  TensorMap lift = tiny_weights({4, 6}, true);
  lift.erase("lift.relu2_1.bias");
  EXPECT_NE(message_of(lift).find("lift.relu2_1"), std::string::npos);
}

TEST(PerceptualNetwork, TapsMayBeWiderThanWhatTheNextLayerReads) {
  TensorMap weights = tiny_weights({4, 6}, true);
  weights["features.0.weight"] = at::rand({7, 3, 3, 3});
  weights["features.0.bias"] = at::zeros({7});
  EXPECT_NE(message_of(weights).find("lift.relu1_1.weight"), std::string::npos);
  weights["lift.relu1_1.weight"] = at::rand({9, 7});
  weights["lift.relu1_1.bias"] = at::rand({9});
  const auto network = make_perceptual_network(weights, "file", at::kCPU, {});
  EXPECT_EQ(network.layers().tap_widths, (std::vector<std::int64_t>{7, 6}));
  const auto taps = network.features(smooth_picture(16, 20, 1), net::Tap::relu2_1);
  EXPECT_EQ(taps[0].size(1), 7);
}

TEST(PerceptualNetwork, GoesAsFarAsItsWeights) {
  const auto network =
      make_perceptual_network(tiny_weights({4, 6, 8, 10, 12}), "file", at::kCPU, {});
  EXPECT_EQ(network.last_tap(), net::Tap::relu5_1);
  EXPECT_TRUE(network.lift(net::Tap::relu5_1).is_identity());
}

TEST(PerceptualNetwork, TorchvisionsNormalizationIsFoldedIn) {
  std::string path = "/tmp/vggXXXXXX";
  ASSERT_NE(::mkdtemp(path.data()), nullptr);
  const fs::path file = fs::path(path) / "vgg.safetensors";
  const TensorMap weights = tiny_weights({4, 6});
  write_safetensors(file, {.tensors = weights});
  const auto folded = load_vgg19(file, at::kCPU, {});
  write_safetensors(file, {.tensors = weights, .metadata = {{"input", "RGB, 0..1"}}});
  const auto plain = load_vgg19(file, at::kCPU, {});
  const at::Tensor mean = at::tensor({0.485, 0.456, 0.406}).view({1, 3, 1, 1}).to(at::kFloat);
  const at::Tensor deviation = at::tensor({0.229, 0.224, 0.225}).view({1, 3, 1, 1}).to(at::kFloat);
  const at::Tensor picture = smooth_picture(16, 20, 1);
  const auto expected = plain.features((picture - mean) / deviation, net::Tap::relu2_1);
  const auto given = folded.features(picture, net::Tap::relu2_1);
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_LT((given[i] - expected[i]).abs().max().item<float>(), 1e-4);
  EXPECT_NE(folded.fingerprint(), plain.fingerprint());
  fs::remove_all(path);
}

}  // namespace
}  // namespace likeness
