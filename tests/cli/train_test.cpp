/// likeness train siamese, from a folder of photos to a model that verify takes.

#include <algorithm>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/model/safetensors.h>
#include <likeness/model/store.h>

#include "support/encodings.h"
#include "support/free_port.h"
#include "support/small_training.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Train : public SmallTraining {};

TEST_F(Train, MakesAModelThatVerifyTakesWithAThreshold) {
  const Outcome outcome = train({"--steps", "4", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("model"), "run");
  EXPECT_EQ(result.at("steps"), 4);
  EXPECT_EQ(result.at("identities"), 9);
  EXPECT_EQ(result.at("validation_identities"), 3);
  EXPECT_EQ(result.at("faces").get<int>() + result.at("validation_faces").get<int>() +
                result.at("skipped_pictures").get<int>(),
            24);
  EXPECT_EQ(result.at("last").at("step"), 4);
  EXPECT_TRUE(result.at("best").at("tar_1e-2").is_number());
  EXPECT_EQ(result.at("warnings"), Json::array());
  for (const char* name : {"log.jsonl", "checkpoint.safetensors", "model.json", "model.safetensors",
                           "model_card.md", "validation.json", "report.html"})
    EXPECT_TRUE(fs::exists(file("run/" + std::string(name)))) << name;

  const std::string a = file("data/woman0/1.jpg");
  const Json verdict = verify(a, a, {"--model", file("run"), "--threshold", "1"}, surroundings());
  EXPECT_EQ(verdict.at("same_person"), true);
  EXPECT_EQ(verdict.at("model"), "run");
  EXPECT_NEAR(verdict.at("distance").get<double>(), 0, 1e-6);
  EXPECT_EQ(verdict.at("probability"), nullptr) << "it is not calibrated";
  EXPECT_EQ(verdict.at("fmr"), nullptr);
  const Outcome words =
      run_likeness({"verify", a, a, "--model", file("run"), "--threshold", "1"}, surroundings());
  EXPECT_TRUE(has(words.out, "not calibrated")) << words.out;
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, std::vector<std::string>{"--fmr", "1e-3"}}) {
    std::vector<std::string> arguments = {"verify", a, a, "--model", file("run")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_json_error(arguments, "invalid_argument", "not calibrated", surroundings());
  }
}

TEST_F(Train, ShowsARunAsOnePageWithItsHardestPairs) {
  ASSERT_EQ(train({"--steps", "4", "--log", file("elsewhere.jsonl")}).exit_code, 0);
  const Bytes written = read_file(file("run/report.html"), std::size_t{64} << 20);
  const Outcome outcome = run_likeness(
      {"report", file("run"), "--log", file("elsewhere.jsonl"), "-o", file("page.html"), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json_of(outcome.out).at("report"), file("page.html"));
  const Bytes page = read_file(file("page.html"), std::size_t{64} << 20);
  EXPECT_EQ(page, written) << "the one that training wrote";
  const std::string html(page.begin(), page.end());
  EXPECT_TRUE(has(html, "One person, yet far apart"));
  EXPECT_TRUE(has(html, "src=\"data:image/jpeg;base64,"));
  EXPECT_TRUE(has(html, "# run"));
  EXPECT_FALSE(has(html, "http-equiv")) << "nothing is loaded";
  expect_json_error({"report", file("run")}, "not_found", "log.jsonl");
}

TEST_F(Train, KeepsAndForgetsAModelForEveryone) {
  ASSERT_EQ(train({"--steps", "2"}).exit_code, 0);
  const auto models = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "models");
    return run_likeness(arguments, surroundings());
  };
  const Outcome added = models({"add", file("run"), "--id", "door", "--json"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  EXPECT_EQ(json_of(added.out).at("id"), "door");
  fs::remove_all(file("run"));
  const std::string a = file("data/woman0/1.jpg");
  EXPECT_EQ(verify(a, a, {"--model", "door", "--threshold", "1"}, surroundings()).at("model"),
            "door");
  EXPECT_TRUE(has(models({"list", "door"}).out, "door"));
  EXPECT_EQ(models({"remove", "door"}).exit_code, 0);
  expect_json_error({"models", "remove", "door"}, "not_found", "door", surroundings());
  expect_json_error({"models", "remove", "duo"}, "invalid_argument", "models add", surroundings());
  expect_json_error({"models", "add", file("run")}, "not_found", file("run"), surroundings());
}

TEST_F(Train, APairClassifierLearnsTogetherWithTheEncoder) {
  const Outcome outcome =
      train({"--steps", "2", "--pair-loss", "0.5", "--pair-form", "chi-squared", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::vector<Json> log = json_lines(text_of(file("run/log.jsonl")));
  bool told = false;
  for (const Json& line : log) told = told || line.value("penalty", 0.0) > 0;
  EXPECT_TRUE(told) << "its loss is logged";
  expect_json_error(command({"--steps", "2", "--resume", "--pair-loss", "1"}), "invalid_argument",
                    "pair loss", surroundings());
  expect_json_error(command({"--pair-form", "cosine"}), "invalid_argument", "chi-squared",
                    surroundings());
}

TEST_F(Train, GoesOnFromItsCheckpointAndRefusesToMixRuns) {
  ASSERT_EQ(train({"--steps", "2"}).exit_code, 0);
  expect_json_error(command({"--steps", "2"}), "invalid_argument", "--resume", surroundings());
  expect_json_error(command({"--steps", "4", "--resume"}), "invalid_argument",
                    "steps was '2', is '4'", surroundings());
  expect_json_error(command({"--steps", "2", "--resume", "--seed", "9"}), "invalid_argument",
                    "seed was '1', is '9'", surroundings());
  fs::remove_all(file("data/woman3"));
  expect_json_error(command({"--steps", "2", "--resume"}), "invalid_argument", "faces was",
                    surroundings());
}

TEST_F(Train, PutsAHeadBehindFrozenEncodersThatVerifyTakes) {
  const std::vector<std::string> arguments = command_from(
      "duo", {"--train", "head", "--views", "1", "--head-start", "wccn", "--steps", "3", "--json"});
  const Outcome outcome = run_likeness(arguments, surroundings());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("parameters"), 320 * 320);
  EXPECT_EQ(result.at("start").at("step"), 0);
  EXPECT_EQ(result.at("last").at("step"), 3);
  EXPECT_EQ(
      std::distance(fs::directory_iterator(file("cache/encodings")), fs::directory_iterator()), 1);
  const std::string a = file("data/woman0/1.jpg");
  const Json verdict = verify(a, a, {"--model", file("run"), "--threshold", "1"}, surroundings());
  EXPECT_NEAR(verdict.at("distance").get<double>(), 0, 1e-6);
  const std::string b = file("data/woman1/1.jpg");
  const Json other = verify(a, b, {"--model", file("run"), "--threshold", "0.5"}, surroundings());
  EXPECT_EQ(other.at("same_person"), false) << other.dump();
}

TEST_F(Train, GoesOnFromPretrainedWeightsWithSomeLayersFrozen) {
  const std::vector<std::string> tuning = {"--freeze", "head_mix", "--distil", "1",
                                           "--steps",  "2",        "--json"};
  expect_json_error(command_from("mobilefacenet", {"--freeze", "tail"}), "invalid_argument",
                    "blocks.14, head", surroundings());
  EXPECT_FALSE(fs::exists(file("run"))) << "nothing is begun";
  const Outcome outcome = run_likeness(command_from("mobilefacenet", tuning), surroundings());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("start").at("step"), 0);
  EXPECT_EQ(result.at("last").at("step"), 2);
  const std::string a = file("data/woman0/1.jpg");
  const std::string b = file("data/woman1/1.jpg");
  const auto distance = [&](const std::string& model) {
    return verify(a, b, {"--model", model, "--threshold", "1"}, surroundings())
        .at("distance")
        .get<double>();
  };
  EXPECT_NEAR(distance(file("run")), distance("mobilefacenet"), 0.1);
}

TEST_F(Train, GoesOnFromAModelThatItMade) {
  ASSERT_EQ(train({"--steps", "1", "--id", "first"}).exit_code, 0);
  fs::rename(file("run"), file("first"));
  const Outcome outcome =
      run_likeness(command_from(file("first"), {"--steps", "1", "--json"}), surroundings());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json made = Json::parse(read_file(file("run/model.json"), 1 << 20));
  EXPECT_EQ(made.at("models")[0].at("architecture"), "compact_encoder");
  EXPECT_EQ(made.at("models")[0].at("training").at("init"), "first");
}

TEST_F(Train, AHeadWithoutAStepIsItsStart) {
  const Outcome outcome =
      run_likeness(command_from("mobilefacenet", {"--train", "head", "--views", "0", "--steps", "0",
                                                  "--weights", "f32", "--json"}),
                   surroundings());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("best"), result.at("start"));
  const std::string a = file("data/woman0/1.jpg");
  const std::string b = file("data/woman1/1.jpg");
  const auto distance = [&](const std::string& model) {
    return verify(a, b, {"--model", model, "--threshold", "1"}, surroundings())
        .at("distance")
        .get<double>();
  };
  EXPECT_NEAR(distance(file("run")), distance("mobilefacenet"), 1e-5);
}

TEST_F(Train, TwoProcessesMakeTheModelOfOne) {
  const std::vector<std::string> plain = {"--steps", "3",           "--weights", "f32",
                                          "--id",    "same",        "--threads", "1",
                                          "--json",  "--optimiser", "sgd"};
  ASSERT_EQ(train(plain).exit_code, 0);
  fs::rename(file("run"), file("alone"));
  Surroundings place = surroundings();
  place.environment["WORLD_SIZE"] = "2";
  place.environment["MASTER_ADDR"] = "127.0.0.1";
  place.environment["MASTER_PORT"] = std::to_string(free_port());
  place.environment["RANK"] = "1";
  RunningProgram second(command(plain), place);
  place.environment["RANK"] = "0";
  const Outcome outcome = run_likeness(command(plain), place);
  const Outcome other = second.wait();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_EQ(other.out, "") << "process 0 tells it";
  EXPECT_EQ(json_of(outcome.out).at("steps"), 3);
  const TensorMap team = read_safetensors(file("run/model.safetensors")).tensors;
  const TensorMap alone = read_safetensors(file("alone/model.safetensors")).tensors;
  ASSERT_EQ(team.size(), alone.size());
  for (const auto& [name, weights] : alone)
    EXPECT_LE((team.at(name) - weights).abs().max().item<double>(), 1e-4) << name;
}

TEST_F(Train, AProcessThatIsAloneSaysWhomItWaitedFor) {
  Surroundings place = surroundings();
  place.environment["SLURM_NTASKS"] = "2";
  place.environment["SLURM_PROCID"] = "1";
  place.environment["MASTER_ADDR"] = "127.0.0.1";
  place.environment["MASTER_PORT"] = std::to_string(free_port());
  expect_json_error(command({"--steps", "1", "--process-timeout", "2"}), "unavailable",
                    "process 1 of 2", place);
  place.environment["SLURM_PROCID"] = "7";
  expect_json_error(command({"--steps", "1"}), "invalid_argument", "SLURM_PROCID=7", place);
}

}  // namespace
}  // namespace likeness
