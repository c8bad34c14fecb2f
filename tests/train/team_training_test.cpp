/// Several processes train what one process with the whole batch would.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/device.h>
#include <likeness/core/files.h>
#include <likeness/train/batch_loader.h>
#include <likeness/train/trainer.h>

#include "support/error_code.h"
#include "train/test_processes.h"
#include "train/trainer_fixture.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Memory across batches, accumulation and the average: everything that must stay in step.
TrainerOptions team_run() {
  TrainerOptions options = small_run();
  options.sampler = {.identities = 5, .pictures = 2, .lone_pictures = 1};
  options.mining = {};
  return options;
}

/// One step of plain descent with a learning rate of 1: what it changes is the gradient.
TrainerOptions one_step() {
  TrainerOptions options = team_run();
  options.memory = 0;
  options.optimiser = {.algorithm = Algorithm::sgd, .weight_decay = 0, .momentum = 0};
  options.schedule = {.highest = 1, .warm_up = 0, .steps = 1};
  options.clip = options.average = 0;
  return options;
}

class TeamTraining : public testing::Test {
 protected:
  TeamTraining() { set_thread_count(1); }

  /// Alone, or as the process of a group that the environment says this one is.
  TrainingOutcome train(const fs::path& run, const TrainerOptions& options, bool resume = false) {
    fs::create_directories(run);
    if (!processes && process_place()) join();
    const auto network = small_network();
    SiameseTrainer trainer(*network, *faces, *others, options);
    return trainer.run({.folder = run,
                        .log = {},
                        .resume = resume,
                        .processes = processes ? &*processes : nullptr},
                       *progress, cancelled);
  }
  void join() { processes.emplace(*process_place(), c10::kCPU, std::chrono::seconds(60)); }
  static Checkpoint checkpoint(const fs::path& run) {
    return read_checkpoint(run / "checkpoint.safetensors");
  }
  static at::Tensor network_of(const fs::path& run) {
    std::vector<at::Tensor> rows;
    for (const auto& [name, tensor] : checkpoint(run).below("network/"))
      rows.push_back(tensor.flatten());
    return at::cat(rows);
  }
  fs::path folder() const { return temporary.path(); }

  TemporaryFolder temporary;
  std::unique_ptr<TrainingFaces> faces = drawn_faces(6, 4);
  std::unique_ptr<TrainingFaces> others = drawn_faces(3, 4, 20);
  Progress silent;
  Progress* progress = &silent;
  Cancellation cancellation;
  const Cancellation* cancelled = &cancellation;
  std::optional<ProcessGroup> processes;
};

double largest(const at::Tensor& values) {
  return values.abs().max().item<double>();
}

TEST_F(TeamTraining, TwoAndThreeProcessesHaveTheGradientOfOne) {
  for (const int count : {2, 3}) {
    const auto ends = in_processes(
        count, folder(), [&](const fs::path& shared) { train(shared / "team", one_step()); });
    ASSERT_EQ(ends, std::vector<int>(static_cast<std::size_t>(count), 0));
    train(folder() / "alone", one_step());
    TrainerOptions still = one_step();
    still.schedule.highest = 1e-30;
    train(folder() / "still", still);
    const at::Tensor gradient = network_of(folder() / "still") - network_of(folder() / "alone");
    EXPECT_GT(largest(gradient), 0.1);
    EXPECT_LE(largest(network_of(folder() / "team") - network_of(folder() / "alone")), 1e-5)
        << count << " processes";
    for (const char* run : {"team", "alone", "still"}) fs::remove_all(folder() / run);
  }
}

TEST_F(TeamTraining, TheWholeRunIsThatOfOneProcess) {
  const auto ends = in_processes(2, folder(), [&](const fs::path& shared) {
    const TrainingOutcome outcome = train(shared / "team", team_run());
    EXPECT_EQ(outcome.steps, 8);
    EXPECT_EQ(outcome.last.step, 8) << "both know what process 0 measured";
    EXPECT_GT(outcome.best.auc, 0);
  });
  ASSERT_EQ(ends, (std::vector<int>{0, 0}));
  train(folder() / "alone", team_run());
  const TrainingHistory team = read_training_log(folder() / "team" / "log.jsonl");
  const TrainingHistory alone = read_training_log(folder() / "alone" / "log.jsonl");
  ASSERT_EQ(team.steps.size(), alone.steps.size());
  for (std::size_t i = 0; i < team.steps.size(); ++i) {
    EXPECT_NEAR(team.steps[i].loss, alone.steps[i].loss, 1e-3);
    EXPECT_NEAR(team.steps[i].norm, alone.steps[i].norm, 1e-2);
    EXPECT_EQ(team.steps[i].mining.triplets, alone.steps[i].mining.triplets);
  }
  EXPECT_EQ(team.validations.size(), 2U);
  EXPECT_LE(largest(network_of(folder() / "team") - network_of(folder() / "alone")), 5e-3);
}

TEST_F(TeamTraining, StoppedByOneAndResumedByAllItEndsBitForBitAlike) {
  const auto ends = in_processes(2, folder(), [&](const fs::path& shared) {
    join();
    AtStep press(5, [&] { cancellation.request(); });
    if (processes->rank() == 1) progress = &press;
    EXPECT_EQ(code_of([&] { train(shared / "stopped", team_run()); }), ErrorCode::cancelled);
    processes->any(false);  // process 0 has written it
    EXPECT_EQ(checkpoint(shared / "stopped").number("step"), 5);
    EXPECT_EQ(cancellation.requested(), processes->rank() == 1);
    cancelled = nullptr;
    progress = &silent;
    train(shared / "stopped", team_run(), true);
    train(shared / "whole", team_run());
  });
  ASSERT_EQ(ends, (std::vector<int>{0, 0}));
  constexpr std::size_t kMost = std::size_t{1} << 30;
  EXPECT_EQ(read_file(folder() / "stopped" / "checkpoint.safetensors", kMost),
            read_file(folder() / "whole" / "checkpoint.safetensors", kMost));
}

TEST_F(TeamTraining, AKilledProcessEndsTheOthersAndLeavesTheCheckpoint) {
  const auto ends = in_processes(2, folder(), [&](const fs::path& shared) {
    AtStep death(5, [] { std::raise(SIGKILL); });
    if (process_place()->rank == 1) progress = &death;
    EXPECT_EQ(code_of([&] { train(shared / "run", team_run()); }), ErrorCode::unavailable);
  });
  EXPECT_EQ(ends, (std::vector<int>{0, 128 + SIGKILL}));
  EXPECT_EQ(checkpoint(folder() / "run").number("step"), 3);
}

TEST_F(TeamTraining, ProcessesWithOtherOptionsRefuseToTrainTogether) {
  const auto ends = in_processes(2, folder(), [&](const fs::path& shared) {
    TrainerOptions options = team_run();
    const bool odd = process_place()->rank == 1;
    if (odd) options.loss.margin = 0.3;
    const auto message = message_of([&] { train(shared / "run", options); });
    EXPECT_NE(message.find(odd ? "margin was '0.2" : "other options"), std::string::npos)
        << message;
  });
  EXPECT_EQ(ends, (std::vector<int>{0, 0}));
}

TEST_F(TeamTraining, ProcessesThatDoNotSeeTheCheckpointAreTold) {
  TrainerOptions options = team_run();
  options.schedule.steps = 3;
  if (std::getenv(kProcessFolder) == nullptr) train(folder() / "run", options);
  const auto ends = in_processes(2, folder(), [&](const fs::path& shared) {
    const fs::path own = process_place()->rank == 0 ? shared / "run" : shared / "elsewhere";
    const auto message = message_of([&] { train(own, options, true); });
    EXPECT_NE(message.find("same --out folder"), std::string::npos) << message;
  });
  EXPECT_EQ(ends, (std::vector<int>{0, 0}));
}

TEST_F(TeamTraining, MoreProcessesThanPicturesAreRefused) {
  EXPECT_EQ(code_of([&] {
              BatchLoader(*faces,
                          {.sampler = {.identities = 2, .pictures = 2, .lone_pictures = 0},
                           .rank = 0,
                           .processes = 5},
                          0);
            }),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
