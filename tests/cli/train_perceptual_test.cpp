/// likeness train perceptual, from a folder of pictures and a teacher's file to a model's folder.

#include <csignal>

#include <gtest/gtest.h>
#include <likeness/model/manifest.h>
#include <likeness/model/safetensors.h>

#include "support/encodings.h"
#include "support/program.h"
#include "train/perceptual_samples.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class TrainPerceptual : public ::testing::Test {
 protected:
  void SetUp() override {
    write_pictures(file("pictures"), 27);
    write_teacher(file("teacher.safetensors"), tiny_teacher({8, 10, 12, 14}));
  }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  std::vector<std::string> command(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"train",     "perceptual",
                                          "--data",    file("pictures"),
                                          "--teacher", file("teacher.safetensors"),
                                          "--out",     file("run"),
                                          "--crop",    "32",
                                          "--batch",   "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  TemporaryFolder folder_;
};

TEST_F(TrainPerceptual, MakesAModelAndSaysHowGoodItIs) {
  const Outcome outcome = run_likeness(command({"--steps", "3", "--seed", "4", "--json"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("model"), "run");
  EXPECT_EQ(result.at("steps"), 3);
  EXPECT_EQ(result.at("training_pictures"), 25);
  EXPECT_EQ(result.at("held_out_pictures"), 2);
  ASSERT_EQ(result.at("last").at("r2").size(), 4U);
  EXPECT_GT(result.at("last").at("r2").at(0).get<double>(), 0.5);
  EXPECT_EQ(result.at("start").at("gram_error").size(), 4U);
  for (const char* name : {"log.jsonl", "checkpoint.safetensors", "model.json", "model.safetensors",
                           "model_card.md", "report.html"})
    EXPECT_TRUE(fs::exists(file("run/" + std::string(name)))) << name;
  const std::string card = text_of(file("run/model_card.md"));
  EXPECT_TRUE(has(card, "Oxford Visual Geometry Group, CC BY 4.0")) << card;
  EXPECT_TRUE(has(card, "--seed 4")) << "the command";
  EXPECT_TRUE(has(card, "pictures (27)"));
  EXPECT_FALSE(has(card, "living person"));
  const TensorMap weights = read_safetensors(file("run/model.safetensors")).tensors;
  EXPECT_EQ(weights.at("features.19.weight").sizes(), at::IntArrayRef({7, 6, 3, 3}));
  EXPECT_EQ(weights.at("lift.relu4_1.weight").sizes(), at::IntArrayRef({14, 7}));
  EXPECT_EQ(weights.at("lift.relu4_1.bias").scalar_type(), at::kHalf);

  const Outcome page = run_likeness({"report", file("run"), "-o", file("page.html")});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_EQ(text_of(file("page.html")), text_of(file("run/report.html")));
  expect_json_error(
      {"verify", file("pictures/0.png"), file("pictures/1.png"), "--model", file("run")},
      "invalid_argument", "not a face encoder");
}

TEST_F(TrainPerceptual, KeepsACheckpointWhenItIsStoppedAndGoesOn) {
  RunningProgram program(command({"--steps", "300", "--validate-every", "300"}));
  wait_until([&] {
    return fs::exists(file("run/log.jsonl")) && has(text_of(file("run/log.jsonl")), "\"step\":2");
  });
  ::kill(program.id(), SIGINT);
  EXPECT_EQ(program.wait().exit_code, 130);
  ASSERT_TRUE(fs::exists(file("run/checkpoint.safetensors")));
  expect_json_error(command({"--steps", "300"}), "invalid_argument", "--resume");
  expect_json_error(command({"--steps", "300", "--seed", "2", "--resume"}), "invalid_argument",
                    "seed was '1', is '2'");
  const Outcome outcome =
      run_likeness(command({"--steps", "300", "--validate-every", "300", "--resume"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "relu4_1")) << outcome.out;
}

TEST_F(TrainPerceptual, SaysWhatIsWrongBeforeAnyWork) {
  expect_json_error({"train", "perceptual", "--data", file("pictures")}, "invalid_argument",
                    "--teacher");
  expect_json_error(command({"--width", "2"}), "invalid_argument", "--width");
  expect_json_error(command({"--widths", "4,5"}), "invalid_argument", "--widths must be 4 numbers");
  expect_json_error(command({"--crop", "4"}), "invalid_argument", "--crop");
  TensorMap weights = tiny_teacher({8, 10, 12, 14});
  weights.erase("features.19.weight");
  write_teacher(file("teacher.safetensors"), weights);
  expect_json_error(command({}), "corrupt_file", "features.19.weight");
  write_teacher(file("teacher.safetensors"), tiny_teacher({8, 10, 12, 14}));
  fs::remove_all(file("pictures"));
  expect_json_error(command({}), "not_found", "no such folder");
  fs::create_directories(file("pictures"));
  expect_json_error(command({}), "not_found", "no picture");
  EXPECT_FALSE(fs::exists(file("run/model.json")));
}

}  // namespace
}  // namespace likeness
