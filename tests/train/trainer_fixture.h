#pragma once

/// What tests of SiameseTrainer share: small runs over drawn people.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <likeness/core/device.h>
#include <likeness/core/files.h>
#include <likeness/train/trainer.h>

#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/drawn_people.h"

namespace likeness {

/// Everything that has a state: memory across batches, accumulation, random triplets, the average.
inline TrainerOptions small_run() {
  TrainerOptions options;
  options.sampler = {.identities = 3, .pictures = 2, .lone_pictures = 0};
  options.mining.strategy = Mining::random;
  options.memory = 24;
  options.schedule = {.highest = 1e-3, .warm_up = 2, .steps = 8};
  options.average = 0.9;
  options.accumulation = 2;
  options.validate_every = 4;
  options.checkpoint_every = 3;
  return options;
}

inline std::unique_ptr<SiameseNetwork> small_network(std::uint64_t seed = 1) {
  return compact_network({.size = kDrawnInput, .dimensions = 16}, seed, c10::kCPU, false);
}

/// Calls `act` when step `at` is done.
struct AtStep : RecordingProgress {
  AtStep(std::int64_t step, std::function<void()> what) : at(step), act(std::move(what)) {}
  void update(std::int64_t step) override {
    RecordingProgress::update(step);
    if (step == at) act();
  }
  std::int64_t at;
  std::function<void()> act;
};

class TrainerFixture : public testing::Test {
 protected:
  TrainerFixture() { set_thread_count(1); }

  /// A run of small_network over the drawn people; `resume` as the command line has it.
  TrainingOutcome train(const std::filesystem::path& place, const TrainerOptions& options,
                        bool resume = false) {
    const auto network = small_network();
    return train(*network, place, options, resume);
  }
  TrainingOutcome train(SiameseNetwork& network, const std::filesystem::path& place,
                        const TrainerOptions& options, bool resume = false) {
    SiameseTrainer trainer(network, *faces, *others, options);
    const TrainingOutcome outcome =
        trainer.run({.folder = place, .log = {}, .resume = resume}, *progress, nullptr);
    best = trainer.best().weights;
    return outcome;
  }
  std::filesystem::path folder(const std::string& name) const {
    std::filesystem::create_directories(temporary.path() / name);
    return temporary.path() / name;
  }
  static Bytes checkpoint(const std::filesystem::path& run) {
    return read_file(run / "checkpoint.safetensors", std::size_t{1} << 30);
  }
  static TrainingHistory log(const std::filesystem::path& run) {
    return read_training_log(run / "log.jsonl");
  }

  TemporaryFolder temporary;
  std::unique_ptr<TrainingFaces> faces = drawn_faces(5, 4);
  std::unique_ptr<TrainingFaces> others = drawn_faces(3, 4, 20);
  RecordingProgress silent;
  RecordingProgress* progress = &silent;
  TensorMap best;
};

}  // namespace likeness
