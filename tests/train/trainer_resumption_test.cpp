#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "train/trainer_fixture.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class TrainerResumption : public TrainerFixture {};

/// The log but for what the clock says.
std::string timeless(const fs::path& log) {
  const Bytes bytes = read_file(log, std::size_t{1} << 30);
  std::string text;
  std::string line;
  for (const std::uint8_t byte : bytes) {
    if (byte != '\n') {
      line += static_cast<char>(byte);
      continue;
    }
    auto json = nlohmann::ordered_json::parse(std::exchange(line, {}));
    json.erase("faces_per_second");
    text += json.dump() + "\n";
  }
  return text;
}

/// The test's program is started anew for the part that dies, so both find the folder here.
constexpr char kKilledRun[] = "LIKENESS_TEST_KILLED_RUN";
fs::path folder_for_both_processes() {
  if (std::getenv(kKilledRun) == nullptr) {
    std::string pattern = (fs::temp_directory_path() / "likeness-killed-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    ::setenv(kKilledRun, pattern.c_str(), 1);
  }
  return std::getenv(kKilledRun);
}

TEST_F(TrainerResumption, KilledAndResumedEndsBitForBitWhereItWouldHaveEnded) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const fs::path killed = folder_for_both_processes();
  const auto die = [&] {
    fs::remove_all(temporary.path());  // nobody else will
    AtStep death(5, [] { std::raise(SIGKILL); });
    progress = &death;
    train(killed, small_run());
  };
  EXPECT_EXIT(die(), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EQ(log(killed).steps.size(), 5U) << "it died behind its checkpoint of step 3";

  const TrainingOutcome resumed = train(killed, small_run(), true);
  const TensorMap resumed_best = std::move(best);
  const fs::path whole = folder("whole");
  const TrainingOutcome uninterrupted = train(whole, small_run());
  EXPECT_EQ(silent.done, 8);
  EXPECT_EQ(resumed.steps, 8);
  EXPECT_EQ(to_json(resumed.best), to_json(uninterrupted.best));
  EXPECT_EQ(checkpoint(killed), checkpoint(whole));
  EXPECT_EQ(timeless(killed / "log.jsonl"), timeless(whole / "log.jsonl"));
  for (const auto& [name, tensor] : best) EXPECT_TRUE(at::equal(tensor, resumed_best.at(name)));
  fs::remove_all(killed);
  ::unsetenv(kKilledRun);
}

TEST_F(TrainerResumption, CancelledItSavesAndGoesOnLikewise) {
  const fs::path stopped = folder("stopped");
  Cancellation cancellation;
  AtStep press(5, [&] { cancellation.request(); });
  const auto network = small_network();
  SiameseTrainer trainer(*network, *faces, *others, small_run());
  EXPECT_EQ(code_of([&] { trainer.run({.folder = stopped, .log = {}}, press, &cancellation); }),
            ErrorCode::cancelled);
  EXPECT_EQ(read_checkpoint(stopped / "checkpoint.safetensors").number("step"), 5);
  train(stopped, small_run(), true);
  const fs::path whole = folder("whole");
  train(whole, small_run());
  EXPECT_EQ(checkpoint(stopped), checkpoint(whole));
}

TEST_F(TrainerResumption, ResumingAFinishedRunChangesNothing) {
  const fs::path run = folder("run");
  train(run, small_run());
  const Bytes before = checkpoint(run);
  EXPECT_EQ(train(run, small_run(), true).steps, 8);
  EXPECT_EQ(checkpoint(run), before);
}

TEST_F(TrainerResumption, OtherFacesOptionsOrNetworksAreNoResumption) {
  const fs::path run = folder("run");
  TrainerOptions options = small_run();
  options.schedule.steps = 3;
  train(run, options);
  const Bytes before = checkpoint(run);
  const auto refusal = [&](SiameseNetwork& network, const TrainerOptions& given) {
    const auto resume = [&] { train(network, run, given, true); };
    EXPECT_EQ(code_of(resume), ErrorCode::invalid_argument);
    EXPECT_EQ(checkpoint(run), before);
    return message_of(resume);
  };
  const auto same = small_network();
  TrainerOptions longer = options;
  longer.schedule.steps = 4;
  EXPECT_NE(refusal(*same, longer).find("steps was '3', is '4'"), std::string::npos);
  TrainerOptions reseeded = options;
  reseeded.seed = 2;
  EXPECT_NE(refusal(*same, reseeded).find("seed was '1', is '2'"), std::string::npos);
  const auto other = small_network(2);
  EXPECT_NE(refusal(*other, options).find("network was"), std::string::npos);
  faces = drawn_faces(6, 4);
  EXPECT_NE(refusal(*same, options).find("training faces was"), std::string::npos);
}

TEST_F(TrainerResumption, AFullDiskKeepsTheLastCheckpointAndTheRunCanGoOn) {
  const fs::path run = folder("run");
  std::unique_ptr<FileSizeLimit> full;
  AtStep fills(5, [&] { full = std::make_unique<FileSizeLimit>(100'000); });
  progress = &fills;
  EXPECT_EQ(code_of([&] { train(run, small_run()); }), ErrorCode::write_failed);
  full.reset();
  progress = &silent;
  EXPECT_EQ(read_checkpoint(run / "checkpoint.safetensors").number("step"), 3);
  EXPECT_EQ(std::distance(fs::directory_iterator(run), fs::directory_iterator()), 2)
      << "log and checkpoint, no torn file";
  train(run, small_run(), true);
  const fs::path whole = folder("whole");
  train(whole, small_run());
  EXPECT_EQ(checkpoint(run), checkpoint(whole));
}

}  // namespace
}  // namespace likeness
