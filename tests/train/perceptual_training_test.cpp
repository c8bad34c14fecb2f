/// Training of slim perceptual networks, with tiny ones.

#include <fstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/model/local_model.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/train/perceptual_training.h>
#include <likeness/train/run_report.h>

#include "support/error_code.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/perceptual_log.h"
#include "train/perceptual_pictures.h"
#include "train/perceptual_samples.h"
#include "train/perceptual_trainer.h"
#include "train/stop_at.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class PerceptualTraining : public ::testing::Test {
 protected:
  void SetUp() override {
    write_pictures(path("pictures/some"), 27);
    write_teacher(path("teacher.safetensors"), tiny_teacher({8, 10, 12, 14}));
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  PerceptualTrainingOptions options(const std::string& out) const {
    PerceptualTrainingOptions options;
    options.data = path("pictures");
    options.teacher = path("teacher.safetensors");
    options.out = path(out);
    options.steps = 6;
    options.crop = 32;
    options.batch = 2;
    options.start_crops = 6;
    options.warm_up = 2;
    options.validate_every = 4;
    options.checkpoint_every = 2;
    options.bf16 = false;
    return options;
  }
  PerceptualResult train(const PerceptualTrainingOptions& options) {
    RecordingProgress progress;
    return train_perceptual(options, progress);
  }
  TensorMap weights_in(const std::string& out) const {
    return read_safetensors(path(out) / "model.safetensors").tensors;
  }
  std::string text_of(const fs::path& file) const {
    const Bytes bytes = read_file(file, std::size_t{16} << 20);
    return {bytes.begin(), bytes.end()};
  }
  TemporaryFolder folder_;
};

TEST_F(PerceptualTraining, MakesAStudentThatPaintersCanOpen) {
  const PerceptualResult result = train(options("run"));
  EXPECT_EQ(result.training_pictures, 25);
  EXPECT_EQ(result.held_out_pictures, 2);
  EXPECT_EQ(result.steps, 6);
  EXPECT_EQ(result.last.step, 6);
  EXPECT_EQ(result.start.step, 0);
  const ModelEntry entry = read_local_model(path("run"), builtin_manifest());
  EXPECT_EQ(entry.id, "run");
  EXPECT_EQ(entry.task, "perceptual network");
  EXPECT_EQ(entry.architecture, "vgg");
  EXPECT_EQ(entry.settings.at("widths"), "4,5,6,7");
  EXPECT_EQ(entry.training.at("data"), "some (27); 2 of them held out");
  EXPECT_EQ(entry.training.at("steps"), "6 of 6");
  EXPECT_NE(entry.quality.find("relu4_1"), std::string::npos);
  const PerceptualNetwork network = open_perceptual_network(path("run"), at::kCPU, {});
  EXPECT_EQ(network.layers().widths, (std::vector<std::int64_t>{4, 5, 6, 7}));
  EXPECT_EQ(network.lift(net::Tap::relu3_1).matrix.sizes(), at::IntArrayRef({12, 6}));

  const PerceptualHistory history = read_perceptual_log(path("run") / "log.jsonl");
  EXPECT_EQ(history.steps.size(), 6U);
  ASSERT_EQ(history.validations.size(), 3U);
  EXPECT_EQ(history.validations[1].step, 4);
  EXPECT_EQ(history.validations[2].r2, result.last.r2);
  const std::string page = text_of(path("run") / "report.html");
  EXPECT_NE(page.find("relu4_1"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_EQ(page, run_report_html(path("run")));
}

TEST_F(PerceptualTraining, GoesOnBitForBit) {
  train(options("whole"));
  Cancellation cancellation;
  StopAt stop(3, cancellation);
  PerceptualTrainingOptions parts = options("parts");
  EXPECT_EQ(code_of([&] { train_perceptual(parts, stop, &cancellation); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { train(parts); }), ErrorCode::invalid_argument) << "a run is there";
  parts.resume = true;
  const PerceptualResult result = train(parts);
  EXPECT_EQ(result.steps, 6);
  EXPECT_EQ(result.start.step, 0);
  const TensorMap whole = weights_in("whole");
  const TensorMap resumed = weights_in("parts");
  ASSERT_EQ(whole.size(), resumed.size());
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(tensor.equal(resumed.at(name))) << name;
  const TensorMap state = read_safetensors(path("whole") / "checkpoint.safetensors").tensors;
  const TensorMap again = read_safetensors(path("parts") / "checkpoint.safetensors").tensors;
  ASSERT_EQ(state.size(), again.size());
  for (const auto& [name, tensor] : state) EXPECT_TRUE(tensor.equal(again.at(name))) << name;
  EXPECT_EQ(read_perceptual_log(path("parts") / "log.jsonl").steps.size(), 6U);

  parts.width = 0.25;
  EXPECT_NE(message_of([&] { train(parts); }).find("widths was"), std::string::npos);
}

TEST_F(PerceptualTraining, GivesEachBlockItsOwnWidth) {
  PerceptualTrainingOptions uneven = options("uneven");
  uneven.widths = {3, 4, 9, 14};
  uneven.steps = 1;
  train(uneven);
  EXPECT_EQ(read_local_model(path("uneven"), builtin_manifest()).settings.at("widths"), "3,4,9,14");
  const PerceptualNetwork network = open_perceptual_network(path("uneven"), at::kCPU, {});
  EXPECT_EQ(network.layers().widths, uneven.widths);
  EXPECT_EQ(network.lift(net::Tap::relu3_1).matrix.sizes(), at::IntArrayRef({12, 9}));
}

TEST_F(PerceptualTraining, GoesOnFromAStudent) {
  train(options("first"));
  PerceptualTrainingOptions on = options("second");
  on.init = path("first");
  on.width = 0.9;  // the first one's count
  on.steps = 0;
  const PerceptualResult second = train(on);
  on.out = path("third");
  on.init = path("second");
  const PerceptualResult third = train(on);
  ASSERT_EQ(third.last.r2.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(third.last.r2[i], second.last.r2[i], 1e-3) << i;
  const TensorMap first = weights_in("first");
  for (const auto& [name, tensor] : weights_in("second")) {
    if (!name.starts_with("features.")) continue;  // lifts are fitted at the end of a run
    EXPECT_TRUE(tensor.equal(first.at(name))) << name;
  }

  on.out = path("wider");
  on.tap_widths = {4, 5, 9, 7};
  train(on);
  const ModelEntry wider = read_local_model(path("wider"), builtin_manifest());
  EXPECT_EQ(wider.settings.at("widths"), "4,5,6,7");
  EXPECT_EQ(wider.settings.at("tap widths"), "4,5,9,7");
  const TensorMap tensors = weights_in("wider");
  const std::string tap = "features.10.weight";  // conv3_1
  EXPECT_EQ(tensors.at(tap).size(0), 9);
  EXPECT_TRUE(tensors.at(tap).narrow(0, 0, 6).equal(first.at(tap)));
  on.init = path("wider");
  on.out = path("as wide");
  on.tap_widths = {};
  train(on);
  EXPECT_EQ(weights_in("as wide").at(tap).size(0), 9);

  on.out = path("refused");
  TensorMap part = first;
  part.erase("features.2.bias");
  ModelEntry entry = wider;
  entry.id = "part";
  fs::create_directories(path("part"));
  write_local_model(path("part"), {.entry = entry, .weights = part}, Precision::full);
  on.init = path("part");
  EXPECT_EQ(code_of([&] { train(on); }), ErrorCode::corrupt_file);
  EXPECT_NE(message_of([&] { train(on); }).find("features.2.bias"), std::string::npos);
  on.init = path("nowhere");
  EXPECT_EQ(code_of([&] { train(on); }), ErrorCode::not_found);
}

TEST_F(PerceptualTraining, PaintsOnForAPicturesLifetime) {
  PerceptualTrainingOptions busy = options("busy");
  busy.painted = 4;
  busy.on_the_way = 4;
  busy.moves = 5;
  busy.lifetime = 7;
  busy.gradient_weight = 0;
  busy.difference_weight = 1;
  train(busy);
  const at::Tensor ages =
      read_safetensors(path("busy") / "checkpoint.safetensors").tensors.at("way/ages");
  EXPECT_EQ(ages.numel(), 4);
  EXPECT_LE(ages.max().item<std::int64_t>(), 7);
  for (const PerceptualStep& step : read_perceptual_log(path("busy") / "log.jsonl").steps) {
    EXPECT_EQ(step.gradients, 0);
    EXPECT_GT(step.differences, 0);
    EXPECT_NEAR(step.loss, step.features + 2 * step.grams + step.differences, 1e-5 * step.loss);
  }
}

TEST_F(PerceptualTraining, LearnsWhatTheStartCannot) {
  PerceptualTrainingOptions longer = options("run");
  longer.steps = 80;
  longer.batch = 4;
  longer.learning_rate = 3e-3;
  longer.average = 0.9;
  longer.validate_every = longer.checkpoint_every = 80;
  const PerceptualResult result = train(longer);
  EXPECT_GT(result.last.r2[3], result.start.r2[3] + 0.01);
  const auto steps = read_perceptual_log(path("run") / "log.jsonl").steps;
  const auto mean_of = [&](std::size_t begin) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + 20; ++i) sum += steps[i].loss;
    return sum / 20;
  };
  EXPECT_LT(mean_of(60), 0.95 * mean_of(0));
}

TEST_F(PerceptualTraining, WritesTheLiftThatItHasInMemory) {
  PerceptualTrainingOptions given = options("run");
  given.widths = {4, 5, 6, 7};
  RecordingProgress progress;
  const PerceptualPictures pictures = read_perceptual_pictures(given.data, progress, nullptr);
  PerceptualTrainer trainer(given, pictures, load_teacher(given.teacher), {});
  const TensorMap before = trainer.exported();
  trainer.learn();
  const TensorMap tensors = trainer.exported();
  fs::create_directories(path("run"));
  ModelEntry entry;
  entry.id = "run";
  entry.task = "perceptual network";
  entry.summary = entry.licence = entry.input = "x";
  entry.architecture = "vgg";
  write_local_model(path("run"), {.entry = entry, .weights = tensors}, Precision::full);
  const PerceptualNetwork network = open_perceptual_network(path("run"), at::kCPU, {});
  for (const net::Tap tap : {net::Tap::relu1_1, net::Tap::relu4_1}) {
    const std::string name = "lift." + std::string(to_string(tap));
    EXPECT_TRUE(network.lift(tap).matrix.equal(tensors.at(name + ".weight")));
    EXPECT_TRUE(network.lift(tap).offset.equal(tensors.at(name + ".bias")));
    EXPECT_FALSE(tensors.at(name + ".weight").equal(before.at(name + ".weight"))) << "it learns";
  }
}

TEST_F(PerceptualTraining, StopsAtNanAndKeepsTheLastGoodCheckpoint) {
  PerceptualTrainingOptions wild = options("run");
  wild.steps = 60;
  wild.learning_rate = 1e30;
  wild.clip = 0;
  wild.checkpoint_every = 1;
  const std::string message = message_of([&] { train(wild); });
  EXPECT_NE(message.find("the last checkpoint is good"), std::string::npos) << message;
  const TensorMap kept = read_safetensors(path("run") / "checkpoint.safetensors").tensors;
  for (const auto& [name, tensor] : kept) {
    if (!name.starts_with("network/")) continue;
    EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
  }
}

TEST_F(PerceptualTraining, RefusesWhatCannotBe) {
  const auto refused = [&](auto change) {
    PerceptualTrainingOptions wrong = options("refused");
    change(wrong);
    const ErrorCode code = code_of([&] { train(wrong); });
    EXPECT_FALSE(fs::exists(path("refused") / "model.json"));
    return code;
  };
  using Options = PerceptualTrainingOptions;
  EXPECT_EQ(refused([](Options& o) { o.width = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.width = 1.5; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.widths = {4, 5, 6}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.widths = {4, 5, 6, 1000}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.widths = {4, 5, 0, 7}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.tap_widths = {4, 5, 1, 7}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.tap_widths = {4, 5, 6, 8}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.tap_widths = {4}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.crop = 8; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.moves = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.lifetime = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.difference_weight = -1; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options& o) { o.gram_weight = -1; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([&](Options& o) { o.data = path("nowhere"); }), ErrorCode::not_found);
  EXPECT_EQ(refused([&](Options& o) { o.teacher = path("nowhere"); }), ErrorCode::not_found);
  fs::create_directories(path("empty"));
  EXPECT_EQ(refused([&](Options& o) { o.data = path("empty"); }), ErrorCode::not_found);
}

TEST_F(PerceptualTraining, PassesOverWhatIsNoPicture) {
  std::ofstream(path("pictures/some/0a.png")) << "no picture";
  const PerceptualTrainingOptions given = options("run");
  RecordingProgress progress;
  const PerceptualPictures pictures = read_perceptual_pictures(given.data, progress, nullptr);
  EXPECT_EQ(pictures.skipped, 1);
  EXPECT_EQ(pictures.training.size(), 25U);
  EXPECT_EQ(pictures.folders, "some (27)");
  EXPECT_EQ(progress.notes_with("0a.png").size(), 1U);
}

}  // namespace
}  // namespace likeness
