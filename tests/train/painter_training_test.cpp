/// Training of painters, with small crops.

#include <algorithm>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/tensor.h>
#include <likeness/model/local_model.h>
#include <likeness/style/one_pass_painter.h>
#include <likeness/train/painter_training.h>
#include <likeness/train/run_report.h>

#include "support/error_code.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/encoder_log.h"
#include "train/painter_log.h"
#include "train/perceptual_samples.h"
#include "train/stop_at.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class PainterTraining : public ::testing::Test {
 protected:
  void SetUp() override { write_pictures_in(folder_.path()); }
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  PainterTrainingOptions options(const std::string& out) const {
    return options_in(folder_.path(), out);
  }
  /// A finished run with options() of its own pictures, which are the same; made once.
  static const fs::path& first() {
    static const TemporaryFolder folder;
    static const fs::path run = [] {
      write_pictures_in(folder.path());
      const PainterTrainingOptions options = options_in(folder.path(), "run");
      result_of_first() = train(options);
      return options.out;
    }();
    return run;
  }
  static PainterResult& result_of_first() {
    static PainterResult result;
    return result;
  }
  static void write_pictures_in(const fs::path& folder) {
    write_pictures(folder / "photos/some", 27);
    write_pictures(folder / "paintings/old", 26);
  }
  static PainterTrainingOptions options_in(const fs::path& folder, const std::string& out) {
    PainterTrainingOptions options;
    options.data = folder / "photos";
    options.styles = folder / "paintings";
    options.out = folder / out;
    options.encoder_steps = 4;
    options.encoder_batch = 3;
    options.steps = 4;
    options.crop = 32;
    options.batch = 2;
    options.style_crops = 5;
    options.warm_up = 1;
    options.validate_every = 3;
    options.checkpoint_every = 2;
    options.bf16 = false;
    return options;
  }
  static PainterResult train(const PainterTrainingOptions& options) {
    RecordingProgress progress;
    return train_painter(options, progress);
  }
  static TensorMap tensors_in(const fs::path& file) { return read_safetensors(file).tensors; }
  static void expect_equal(const TensorMap& a, const TensorMap& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(name))) << name;
  }
  TemporaryFolder folder_;
};

TEST_F(PainterTraining, MakesAPainterForAnyStyle) {
  const fs::path run = first();
  const PainterResult& result = result_of_first();
  EXPECT_EQ(result.training_pictures, 25);
  EXPECT_EQ(result.training_styles, 24);
  EXPECT_EQ(result.steps, 4);
  EXPECT_EQ(result.start.step, 0);
  EXPECT_EQ(result.last.step, 4);
  EXPECT_EQ(result.encoder_steps, 4);
  EXPECT_EQ(result.encoder.step, 4);
  EXPECT_GT(result.encoder.missed[2], 0);
  const ModelEntry entry = read_local_model(run, builtin_manifest());
  EXPECT_EQ(entry.task, "painter");
  EXPECT_EQ(entry.training.at("steps"), "4 of 4");
  EXPECT_EQ(entry.training.at("data"), "contents some (27); styles old (26); every 25th held out");
  const OnePassPainter painter = open_painter(run, at::kCPU);
  EXPECT_TRUE(painter.styles().empty());
  const at::Tensor picture = to_tensor(read_image(path("photos/some/3.png")));
  EXPECT_TRUE(at::isfinite(painter.paint(picture, {.codes = painter.code(picture)}, {}))
                  .all()
                  .item<bool>());
  const PainterHistory history = read_painter_log(run / "log.jsonl");
  EXPECT_EQ(history.steps.size(), 4U);
  ASSERT_EQ(history.validations.size(), 3U);
  EXPECT_EQ(history.validations[1].step, 3);
  EXPECT_EQ(history.validations[2].style, result.last.style);
  const EncoderHistory lesson = read_encoder_log(run / "encoder.jsonl");
  EXPECT_EQ(lesson.steps.size(), 4U);
  ASSERT_EQ(lesson.validations.size(), 3U);
  EXPECT_EQ(lesson.validations[2].missed, result.encoder.missed);
  EXPECT_NE(entry.training.at("encoder").find("4 steps before"), std::string::npos);
  const Image preview = read_image(run / "preview.png");
  EXPECT_EQ(preview.width(), 6 * 32);
  EXPECT_EQ(preview.height(), 6 * 32);
  const std::string page = run_report_html(run);
  EXPECT_NE(page.find("Held-out pairs"), std::string::npos);
  EXPECT_NE(page.find("The encoder's lesson before"), std::string::npos);
  EXPECT_NE(page.find("data:image/jpeg;base64,"), std::string::npos) << "the preview is on it";
}

TEST_F(PainterTraining, GoesOnBitForBit) {
  Cancellation cancellation;
  StopAt stop(2, cancellation);
  PainterTrainingOptions parts = options("parts");
  EXPECT_EQ(code_of([&] { train_painter(parts, stop, &cancellation); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { train(parts); }), ErrorCode::invalid_argument) << "a run is there";
  parts.resume = true;
  EXPECT_EQ(train(parts).steps, 4);
  expect_equal(tensors_in(first() / "model.safetensors"),
               tensors_in(path("parts/model.safetensors")));
  expect_equal(tensors_in(first() / "checkpoint.safetensors"),
               tensors_in(path("parts/checkpoint.safetensors")));
  parts.style_weight = 7;
  EXPECT_NE(message_of([&] { train(parts); }).find("style weight was"), std::string::npos);
}

TEST_F(PainterTraining, GoesOnBitForBitFromWithinTheLesson) {
  Cancellation cancellation;
  StopAt stop(2, cancellation, "teaching the encoder");
  PainterTrainingOptions parts = options("parts");
  EXPECT_EQ(code_of([&] { train_painter(parts, stop, &cancellation); }), ErrorCode::cancelled);
  EXPECT_FALSE(fs::exists(path("parts/checkpoint.safetensors")));
  EXPECT_EQ(code_of([&] { train(parts); }), ErrorCode::invalid_argument) << "a run is there";
  parts.resume = true;
  parts.encoder_learning_rate = 0.02;
  EXPECT_NE(message_of([&] { train(parts); }).find("encoder learning rate was"), std::string::npos);
  parts.encoder_learning_rate = options("parts").encoder_learning_rate;
  train(parts);
  expect_equal(tensors_in(first() / "encoder.safetensors"),
               tensors_in(path("parts/encoder.safetensors")));
  expect_equal(tensors_in(first() / "model.safetensors"),
               tensors_in(path("parts/model.safetensors")));
}

TEST_F(PainterTraining, KeepsTheEncoderOfThePainterThatItStartsFrom) {
  PainterTrainingOptions next = options("next");
  next.init = {first()};
  next.encoder_steps.reset();
  EXPECT_EQ(train(next).encoder_steps, 0);
  EXPECT_FALSE(fs::exists(path("next/encoder.safetensors")));
  const TensorMap before = tensors_in(first() / "model.safetensors");
  const TensorMap after = tensors_in(path("next/model.safetensors"));
  int encoders = 0;
  for (const auto& [name, tensor] : before) {
    if (!name.starts_with("encoder.")) continue;
    EXPECT_TRUE(tensor.equal(after.at(name))) << name;
    ++encoders;
  }
  EXPECT_EQ(encoders, 12);
  EXPECT_FALSE(before.at("paint.weight").equal(after.at("paint.weight")));
}

TEST_F(PainterTraining, TeachesRetouchingToAPainterWithoutIt) {
  TensorMap before = tensors_in(first() / "model.safetensors");
  ASSERT_GT(
      std::erase_if(before, [](const auto& item) { return item.first.starts_with("retouch."); }),
      0U);
  fs::create_directories(path("without"));
  write_local_model(path("without"),
                    {.entry = read_local_model(first(), builtin_manifest()), .weights = before},
                    Precision::half);
  EXPECT_EQ(open_painter(path("without"), at::kCPU).looks(), 0U);
  PainterTrainingOptions next = options("next");
  next.init = {path("without")};
  next.encoder_steps.reset();
  next.steps = 1;
  train(next);
  EXPECT_GT(open_painter(path("next"), at::kCPU).looks(), 0U);
}

TEST_F(PainterTraining, RefusesToStartFromPartOfALook) {
  TensorMap part = tensors_in(first() / "model.safetensors");
  ASSERT_EQ(part.erase("retouch.0.style1"), 1U);
  fs::create_directories(path("part"));
  write_local_model(path("part"),
                    {.entry = read_local_model(first(), builtin_manifest()), .weights = part},
                    Precision::half);
  PainterTrainingOptions next = options("next");
  next.init = {path("part")};
  EXPECT_NE(message_of([&] { train(next); }).find("retouch.0.style1"), std::string::npos);
}

TEST_F(PainterTraining, StartsFromTheMeanOfSeveral) {
  PainterTrainingOptions second = options("second");
  second.seed = 7;
  train(second);
  PainterTrainingOptions mean = options("mean");
  mean.init = {first(), path("second")};
  mean.encoder_steps.reset();
  train(mean);
  const TensorMap one = tensors_in(first() / "model.safetensors");
  const TensorMap two = tensors_in(path("second/model.safetensors"));
  // The encoder stays as it begins.
  for (const auto& [name, tensor] : tensors_in(path("mean/model.safetensors"))) {
    if (!name.starts_with("encoder.")) continue;
    const at::Tensor expected = (one.at(name).to(at::kFloat) + two.at(name).to(at::kFloat)) / 2;
    EXPECT_TRUE(at::allclose(tensor.to(at::kFloat), expected, 1e-3, 1e-6)) << name;
  }
  PainterTrainingOptions few = options("few");
  few.styles.clear();
  few.style_pictures = {path("paintings/old/2.png")};
  few.init = {first()};
  few.encoder_steps.reset();
  few.steps = 1;
  train(few);
  mean.out = path("refused");
  for (const auto& init :
       {std::vector<fs::path>{first(), path("few")}, std::vector<fs::path>{path("few"), first()}}) {
    mean.init = init;
    EXPECT_NE(message_of([&] { train(mean); }).find("no mean can be taken"), std::string::npos);
  }
}

TEST_F(PainterTraining, Learns) {
  PainterTrainingOptions longer = options("run");
  longer.steps = 80;
  longer.batch = 3;
  longer.warm_up = 40;
  longer.validate_every = longer.checkpoint_every = 80;
  train(longer);
  const auto steps = read_painter_log(path("run/log.jsonl")).steps;
  const auto median_of = [&](std::size_t begin) {
    std::vector<double> losses;
    for (std::size_t i = begin; i < begin + 15; ++i) losses.push_back(steps[i].loss);
    std::nth_element(losses.begin(), losses.begin() + 7, losses.end());
    return losses[7];
  };
  EXPECT_LT(median_of(65), 0.6 * median_of(0));
}

TEST_F(PainterTraining, LearnsAFewStylesByName) {
  PainterTrainingOptions few = options("few");
  few.styles.clear();
  fs::copy(path("paintings/old/1.png"), path("paintings/1,5.png"));
  few.style_pictures = {path("paintings/1,5.png"), path("paintings/old/2.png")};
  few.init = {first()};
  EXPECT_EQ(train(few).training_styles, 2);
  const OnePassPainter painter = open_painter(path("few"), at::kCPU);
  EXPECT_EQ(painter.styles(), (std::vector<std::string>{"1,5", "2"}));
  EXPECT_FALSE(painter.code_of("1,5").equal(painter.code_of("2")));
  fs::copy(path("paintings/old/3.png"), path("paintings/2.png"));
  few.out = path("both");
  few.style_pictures.push_back(path("paintings/2.png"));
  EXPECT_NE(message_of([&] { train(few); }).find("called '2'"), std::string::npos);
  few.style_pictures.pop_back();
  few.styles = path("paintings");
  EXPECT_EQ(code_of([&] { train(few); }), ErrorCode::invalid_argument);
}

TEST_F(PainterTraining, RefusesWhatItCannotUse) {
  const auto refused = [&](auto change) {
    PainterTrainingOptions given = options("refused");
    change(given);
    return code_of([&] { train(given); });
  };
  using Options = PainterTrainingOptions&;
  EXPECT_EQ(refused([](Options o) { o.crop = 100; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options o) { o.encoder_steps = -1; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options o) { o.batch = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options o) { o.style_weight = -1; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([](Options o) { o.learning_rate = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(refused([&](Options o) { o.data = path("nowhere"); }), ErrorCode::not_found);
  EXPECT_EQ(
      refused([&](Options o) { o.init = {fs::path(LIKENESS_SOURCE_DIR) / "models/vgg_half"}; }),
      ErrorCode::invalid_argument);
  EXPECT_EQ(refused([&](Options o) {
              o.style_pictures = {path("none.png")};
              o.styles.clear();
            }),
            ErrorCode::not_found);
}

}  // namespace
}  // namespace likeness
