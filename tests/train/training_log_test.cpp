#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/train/training_log.h>
#include <nlohmann/json.hpp>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

StepMeasures step(std::int64_t number) {
  StepMeasures m;
  m.step = number;
  m.loss = 0.5;
  m.penalty = 0.25;
  m.mining = {.triplets = 72,
              .active = 0.75,
              .active_of_all = 0.25,
              .positive_distance = 1.5,
              .negative_distance = 1.75};
  m.norm = 11;
  m.variance = 0.875;
  m.gradient = 3;
  m.learning_rate = 0.001;
  m.faces_per_second = 300;
  return m;
}

ValidationMeasures validation(std::int64_t number) {
  return {.step = number,
          .tar_1e2 = 0.5,
          .tar_1e3 = 0.25,
          .eer = 0.125,
          .auc = 0.75,
          .accuracy = 0.625};
}

class Log : public testing::Test {
 protected:
  std::string text() const {
    const Bytes bytes = read_file(path, 1 << 20);
    return {bytes.begin(), bytes.end()};
  }
  TemporaryFolder folder;
  fs::path path = folder.path() / "log.jsonl";
};

TEST_F(Log, OneLineAStepWithEveryMeasure) {
  TrainingLog(path, 0).add(step(1));
  const json expected = {{"step", 1},
                         {"loss", 0.5},
                         {"penalty", 0.25},
                         {"triplets", 72},
                         {"active", 0.75},
                         {"active_of_all", 0.25},
                         {"d_ap", 1.5},
                         {"d_an", 1.75},
                         {"norm", 11},
                         {"variance", 0.875},
                         {"gradient", 3},
                         {"learning_rate", 0.001},
                         {"faces_per_second", 300}};
  EXPECT_EQ(text().back(), '\n');
  EXPECT_EQ(json::parse(text()), expected);
}

TEST_F(Log, IsReadBackAsItWasWritten) {
  TrainingLog log(path, 0);
  log.add(step(1));
  log.add(validation(1));
  log.warn(1, "collapse: \"all\" alike");
  log.add(step(2));
  const TrainingHistory history = read_training_log(path);
  ASSERT_EQ(history.steps.size(), 2U);
  EXPECT_EQ(history.steps[1].step, 2);
  EXPECT_EQ(history.steps[1].mining.negative_distance, 1.75);
  EXPECT_EQ(history.steps[1].faces_per_second, 300);
  ASSERT_EQ(history.validations.size(), 1U);
  EXPECT_EQ(history.validations[0].tar_1e3, 0.25);
  EXPECT_EQ(history.validations[0].accuracy, 0.625);
  EXPECT_EQ(history.warnings, std::vector<std::string>{"collapse: \"all\" alike"});
}

TEST_F(Log, ValidationsBecomeTextAndBack) {
  const ValidationMeasures back = parse_validation(to_json(validation(7)));
  EXPECT_EQ(back.step, 7);
  EXPECT_EQ(back.eer, 0.125);
  EXPECT_EQ(code_of([] { parse_validation("{}"); }), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of([] { parse_validation("nonsense"); }), ErrorCode::corrupt_file);
}

TEST_F(Log, AResumedRunForgetsWhatCameAfterItsCheckpoint) {
  {
    TrainingLog log(path, 0);
    for (const std::int64_t number : {1, 2, 3, 4}) log.add(step(number));
    log.add(validation(4));
  }
  write_file(path, text() + "{\"step\": 5, \"lo");  // torn by a kill
  TrainingLog(path, 2).add(step(3));
  const TrainingHistory history = read_training_log(path);
  ASSERT_EQ(history.steps.size(), 3U);
  EXPECT_EQ(history.steps.back().step, 3);
  EXPECT_TRUE(history.validations.empty());
}

TEST_F(Log, ANewRunBeginsAnEmptyOne) {
  TrainingLog(path, 0).add(step(1));
  const TrainingLog again(path, 0);
  EXPECT_EQ(text(), "");
}

TEST_F(Log, ABrokenLineIsNamed) {
  write_file(path, std::string_view("{\"step\": 1, \"warning\": \"w\"}\nnonsense\n"));
  EXPECT_NE(message_of([&] { read_training_log(path); }).find("line 2"), std::string::npos);
  EXPECT_EQ(code_of([&] { TrainingLog(path, 5); }), ErrorCode::corrupt_file);
}

TEST_F(Log, APlaceThatCannotBeWrittenIsSaidAtOnce) {
  EXPECT_EQ(code_of([&] { TrainingLog(folder.path() / "no" / "log.jsonl", 0); }),
            ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness
