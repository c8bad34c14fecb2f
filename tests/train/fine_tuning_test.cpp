#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/core/device.h>
#include <likeness/core/files.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/tensor.h>
#include <likeness/model/local_model.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/resnet.h>
#include <likeness/train/fine_tuning.h>
#include <likeness/train/trainer.h>
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "support/drawn_picture.h"
#include "support/error_code.h"
#include "support/real_data.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/drawn_people.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

TEST(Layers, AreCountedFromThePicture) {
  EXPECT_EQ(layer_of("stem.weight"), "stem");
  EXPECT_EQ(layer_of("blocks.12.expand.slope"), "blocks.12");
  EXPECT_EQ(layer_of("projection"), "projection");
  const Names mobilefacenet = layers_of(*net::MobileFaceNet());
  EXPECT_EQ(mobilefacenet.size(), 3U + 15 + 4);
  EXPECT_EQ(mobilefacenet.front(), "stem");
  EXPECT_EQ(mobilefacenet[3], "blocks.0");
  EXPECT_EQ(mobilefacenet[17], "blocks.14");
  EXPECT_EQ(mobilefacenet.back(), "projection");
  const Names resnet = layers_of(*net::ResNet());
  EXPECT_EQ(resnet.size(), 1U + 14 + 1);
  EXPECT_EQ(resnet.front(), "stem");
  EXPECT_EQ(resnet.back(), "projection") << "it belongs to the network itself";
}

TEST(Layers, LearnTheSlowerTheFartherFromTheEnd) {
  const Names layers = {"a", "b", "c", "d"};
  EXPECT_EQ(layer_rates(layers, "", 1), (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(layer_rates(layers, "", 0.5), (std::vector<double>{0.125, 0.25, 0.5, 1}));
  EXPECT_EQ(layer_rates(layers, "b", 0.5), (std::vector<double>{0, 0, 0.5, 1}));
}

TEST(Layers, ThatAreNotThereAreRefusedWithThoseThatAre) {
  const Names layers = {"a", "b", "c"};
  const auto refused = [&](const std::string& freeze, double decay) {
    const auto call = [&] { layer_rates(layers, freeze, decay); };
    EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
    return message_of(call);
  };
  EXPECT_EQ(refused("d", 1), "--freeze d: there is no such layer; use one of a, b");
  EXPECT_EQ(refused("c", 1), "--freeze c: no layer would be left to learn; use one of a, b");
  EXPECT_NE(refused("", 0).find("--layer-decay 0"), std::string::npos);
  refused("", 1.5);
}

/// A compact encoder with random weights that was trained here, and drawn people.
class FineTuning : public testing::Test {
 protected:
  FineTuning() : store(folder.path() / "cache") {
    set_thread_count(1);
    const auto random =
        compact_network({.size = kDrawnInput, .dimensions = 16}, 3, c10::kCPU, false);
    LocalModel local = random->exported();
    local.entry.id = "start";
    local.entry.task = "face encoder";
    local.entry.summary = local.entry.licence = "a test";
    fs::create_directories(folder.path() / "start");
    write_local_model(folder.path() / "start", local, Precision::full);
    store.open((folder.path() / "start").string());
  }

  std::unique_ptr<SiameseNetwork> network(const FineTuningOptions& options = {}) const {
    return fine_tuned_network(encoder_network(store, "start"), store.manifest().find("start"),
                              options, c10::kCPU);
  }
  static TrainerOptions few_steps(std::int64_t steps) {
    TrainerOptions options;
    options.sampler = {.identities = 3, .pictures = 2, .lone_pictures = 0};
    options.mining.strategy = Mining::all;
    options.schedule = {.highest = 1e-3, .warm_up = 0, .steps = steps};
    options.validate_every = options.checkpoint_every = 2;
    options.validate_start = true;
    options.average = 0;
    return options;
  }
  TrainingOutcome train(SiameseNetwork& network, const std::string& run, std::int64_t steps,
                        bool resume = false, const Cancellation* cancellation = nullptr) {
    fs::create_directories(folder.path() / run);
    SiameseTrainer trainer(network, *faces, *others, few_steps(steps));
    return trainer.run({.folder = folder.path() / run, .log = {}, .resume = resume}, progress,
                       cancellation);
  }
  Bytes checkpoint(const std::string& run) const {
    return read_file(folder.path() / run / "checkpoint.safetensors", std::size_t{1} << 30);
  }
  at::Tensor targets() const {
    const at::Tensor rows = at::arange(20 * 16).to(at::kFloat).mul(0.7).sin().view({20, 16});
    return rows / rows.norm(2, 1, true);
  }

  TemporaryFolder folder;
  ModelStore store;
  std::unique_ptr<TrainingFaces> faces = drawn_faces(5, 4);
  std::unique_ptr<TrainingFaces> others = drawn_faces(3, 4, 20);
  RecordingProgress progress;
};

TEST_F(FineTuning, WithoutAStepItExportsItsStart) {
  const auto start = network();
  train(*start, "run", 0);
  const LocalModel exported = start->exported();
  EXPECT_EQ(exported.entry.architecture, "compact_encoder");
  EXPECT_EQ(exported.entry.settings, store.manifest().find("start").settings);
  const TensorMap weights = store.load("start");
  ASSERT_EQ(exported.weights.size(), weights.size());
  for (const auto& [name, tensor] : weights)
    EXPECT_TRUE(at::equal(exported.weights.at(name), tensor)) << name;
}

TEST_F(FineTuning, AStepChangesAllLayersBehindTheFrozenOnesAndNoneBefore) {
  const Names layers = layers_of(*encoder_network(store, "start").module);
  const std::string last_frozen = layers[2];
  const auto tuned = network({.freeze = last_frozen});
  train(*tuned, "run", 1);
  const TensorMap before = store.load("start");
  bool learning = false;
  for (const std::string& layer : layers) {
    bool changed = false;
    for (const auto& [name, tensor] : tuned->exported().weights)
      if (layer_of(name) == layer) changed = changed || !at::equal(tensor, before.at(name));
    EXPECT_EQ(changed, learning) << layer;
    learning = learning || layer == last_frozen;
  }
}

TEST_F(FineTuning, RatesFallFromTheEndToTheFrozenLayers) {
  const auto tuned = network({.freeze = "stem", .layer_decay = 0.5});
  const Names layers = layers_of(tuned->module());
  EXPECT_EQ(tuned->rate("stem.weight"), 0);
  EXPECT_EQ(tuned->rate(layers.back() + ".bias"), 1);
  EXPECT_EQ(tuned->rate(layers[layers.size() - 2] + ".weight"), 0.5);
}

TEST_F(FineTuning, DistillationIsTheMeanSquaredDistanceToTheTargets) {
  const auto tuned = network({.distil = 0.5, .targets = targets()});
  const std::vector<std::int64_t> chosen = {4, 17};
  at::Tensor encodings = targets().index_select(0, at::tensor({4, 17}, at::kLong)).clone();
  encodings[0][0] += 0.5;   // a squared distance of 0.25
  encodings[1][3] -= 0.25;  // and 0.0625
  encodings.requires_grad_(true);
  const at::Tensor penalty = tuned->penalty(chosen, encodings);
  EXPECT_NEAR(penalty.item<double>(), 0.5 * (0.25 + 0.0625) / 2, 1e-6);
  penalty.backward();
  at::Tensor expected = at::zeros({2, 16});
  expected[0][0] = 0.25;  // 2 · 0.5 · difference / 2
  expected[1][3] = -0.125;
  EXPECT_LT((encodings.grad() - expected).abs().max().item<double>(), 1e-6);
  EXPECT_FALSE(network()->penalty(chosen, encodings).defined());
}

TEST_F(FineTuning, CancelledAndResumedItEndsBitForBitWhereItWouldHaveEnded) {
  struct Press : RecordingProgress {
    void update(std::int64_t step) override {
      if (step == 3) cancellation.request();
    }
    Cancellation cancellation;
  } press;
  const FineTuningOptions options = {
      .freeze = "stem", .layer_decay = 0.8, .distil = 1, .targets = targets()};
  const auto first = network(options);
  fs::create_directories(folder.path() / "stopped");
  SiameseTrainer trainer(*first, *faces, *others, few_steps(6));
  EXPECT_EQ(code_of([&] {
              trainer.run({.folder = folder.path() / "stopped", .log = {}}, press,
                          &press.cancellation);
            }),
            ErrorCode::cancelled);
  const auto second = network(options);
  train(*second, "stopped", 6, true);
  const auto whole = network(options);
  train(*whole, "whole", 6);
  EXPECT_EQ(checkpoint("stopped"), checkpoint("whole"));
  const auto otherwise = network({.freeze = "stem", .distil = 1, .targets = targets()});
  EXPECT_EQ(code_of([&] { train(*otherwise, "stopped", 6, true); }), ErrorCode::invalid_argument);
}

TEST_F(FineTuning, CombinationsAreRefused) {
  LocalModel head;
  head.entry = store.manifest().find("start");
  head.entry.id = "head";
  head.entry.parts = {"start"};
  head.entry.shares = {1};
  head.weights = {{"weight", at::eye(16)}};
  fs::create_directories(folder.path() / "head");
  write_local_model(folder.path() / "head", head, Precision::full);
  store.open((folder.path() / "head").string());
  EXPECT_EQ(code_of([&] { encoder_network(store, "head"); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { encoder_network(store, "duo"); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { encoder_network(store, "mtcnn"); }), ErrorCode::invalid_argument);
}

at::Tensor drawn_crop(int size) {
  const Image picture = drawn_picture(size, size);
  return at::tensor(at::ArrayRef<std::uint8_t>(picture.pixels().data(), picture.pixels().size()))
      .view({1, size, size, 3});
}

/// The two pretrained encoders, in the form that learns.
class FineTuningPretrained : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { LIKENESS_SKIP_WHEN(missing_weights(store, {GetParam()})); }
  std::unique_ptr<SiameseNetwork> network() const {
    return fine_tuned_network(encoder_network(store, GetParam()), store.manifest().find(GetParam()),
                              {}, c10::kCPU);
  }
  const ModelStore store;
};

TEST_P(FineTuningPretrained, StartsWithTheEncodingsOfIndependentImplementations) {
  const bool resnet = std::string(GetParam()) == "resnet";
  std::ifstream file(source_folder() / "tests/faces/golden" /
                     (resnet ? "dlib.json" : "tflite.json"));
  const auto golden = nlohmann::json::parse(file)[GetParam()].get<std::vector<float>>();
  const at::Tensor expected = at::tensor(golden);
  for (const bool learning : {false, true}) {
    const at::AutoGradMode gradients(learning);
    const at::Tensor y = network()->encode(drawn_crop(resnet ? 150 : 112)).flatten();
    EXPECT_EQ(y.requires_grad(), learning);
    EXPECT_LT((y / y.norm() - expected / expected.norm()).abs().max().item<double>(), 2e-4);
  }
}

TEST_P(FineTuningPretrained, EveryParameterGetsAGradient) {
  const auto tuned = network();
  const int size = std::string(GetParam()) == "resnet" ? 150 : 112;
  const at::Tensor x = at::cat({drawn_crop(size), drawn_crop(size).flip(2)});
  tuned->encode(x).square().sum().backward();
  for (const auto& item : tuned->module().named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().max().item<float>(), 0) << item.key();
  }
}

INSTANTIATE_TEST_SUITE_P(Encoders, FineTuningPretrained,
                         testing::Values("mobilefacenet", "resnet"));

}  // namespace
}  // namespace likeness
