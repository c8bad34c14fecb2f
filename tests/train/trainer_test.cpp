#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/device.h>
#include <likeness/core/files.h>
#include <likeness/train/batch_loader.h>
#include <likeness/train/trainer.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/drawn_people.h"
#include "train/odd_networks.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = std::size_t{1} << 30;

/// Everything that has a state: memory across batches, accumulation, random triplets, the average.
TrainerOptions small_run() {
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

std::unique_ptr<SiameseNetwork> small_network(std::uint64_t seed = 1) {
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

class Trainer : public testing::Test {
 protected:
  Trainer() { set_thread_count(1); }

  /// A run of small_network over the drawn people; `resume` as the command line has it.
  TrainingOutcome train(const fs::path& place, const TrainerOptions& options, bool resume = false) {
    const auto network = small_network();
    return train(*network, place, options, resume);
  }
  TrainingOutcome train(SiameseNetwork& network, const fs::path& place,
                        const TrainerOptions& options, bool resume = false) {
    SiameseTrainer trainer(network, *faces, *others, options);
    const TrainingOutcome outcome =
        trainer.run({.folder = place, .log = {}, .resume = resume}, *progress, nullptr);
    best = trainer.best().weights;
    return outcome;
  }
  fs::path folder(const std::string& name) const {
    fs::create_directories(temporary.path() / name);
    return temporary.path() / name;
  }
  static Bytes checkpoint(const fs::path& run) {
    return read_file(run / "checkpoint.safetensors", kMost);
  }
  static TrainingHistory log(const fs::path& run) { return read_training_log(run / "log.jsonl"); }

  TemporaryFolder temporary;
  std::unique_ptr<TrainingFaces> faces = drawn_faces(5, 4);
  std::unique_ptr<TrainingFaces> others = drawn_faces(3, 4, 20);
  RecordingProgress silent;
  RecordingProgress* progress = &silent;
  TensorMap best;
};

/// The log but for what the clock says.
std::string timeless(const fs::path& log) {
  const Bytes bytes = read_file(log, kMost);
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

TEST_F(Trainer, LearnsToTellDrawnPeopleApart) {
  TrainerOptions options = small_run();
  options.mining.strategy = Mining::all;
  options.memory = 0;
  options.accumulation = 1;
  options.schedule.steps = 40;
  options.validate_every = options.checkpoint_every = 40;
  faces = training_crops(drawn_people(5, 4), AugmentationOptions::none(), kDrawnInput);
  const fs::path run = folder("run");
  const TrainingOutcome outcome = train(run, options);
  EXPECT_EQ(outcome.steps, 40);
  EXPECT_FALSE(outcome.stopped_early);
  EXPECT_EQ(silent.tasks, std::vector<std::string>{"training"});
  EXPECT_EQ(silent.done, 40);
  EXPECT_EQ(silent.total, 40);
  const auto steps = log(run).steps;
  ASSERT_EQ(steps.size(), 40U);
  const auto mean_loss = [&](std::size_t begin) {
    return std::accumulate(&steps[begin], &steps[begin] + 5, 0.0,
                           [](double sum, const StepMeasures& m) { return sum + m.loss / 5; });
  };
  EXPECT_LT(mean_loss(35), mean_loss(0) / 2);
}

TEST_F(Trainer, LogsEachStepAndEachValidation) {
  const fs::path run = folder("run");
  const TrainingOutcome outcome = train(run, small_run());
  const TrainingHistory history = log(run);
  ASSERT_EQ(history.steps.size(), 8U);
  for (std::size_t i = 0; i < history.steps.size(); ++i) {
    const StepMeasures& m = history.steps[i];
    EXPECT_EQ(m.step, static_cast<std::int64_t>(i) + 1);
    EXPECT_GE(m.mining.triplets, 12) << "of two batches";
    EXPECT_GT(m.loss, 0);
    EXPECT_GT(m.norm, 0);
    EXPECT_GT(m.variance, 0);
    EXPECT_LE(m.variance, 1);
    EXPECT_GT(m.gradient, 0);
    EXPECT_DOUBLE_EQ(m.learning_rate,
                     learning_rate_at(small_run().schedule, static_cast<std::int64_t>(i)));
    EXPECT_GT(m.faces_per_second, 0);
  }
  ASSERT_EQ(history.validations.size(), 2U);
  EXPECT_EQ(history.validations[0].step, 4);
  EXPECT_EQ(history.validations[1].step, 8);
  EXPECT_EQ(outcome.last.step, 8);
  EXPECT_GE(outcome.best.tar_1e2, history.validations[0].tar_1e2);
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

TEST_F(Trainer, KilledAndResumedEndsBitForBitWhereItWouldHaveEnded) {
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

TEST_F(Trainer, CancelledItSavesAndGoesOnLikewise) {
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

TEST_F(Trainer, ResumingAFinishedRunChangesNothing) {
  const fs::path run = folder("run");
  train(run, small_run());
  const Bytes before = checkpoint(run);
  EXPECT_EQ(train(run, small_run(), true).steps, 8);
  EXPECT_EQ(checkpoint(run), before);
}

TEST_F(Trainer, OtherFacesOptionsOrNetworksAreNoResumption) {
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

TEST_F(Trainer, AFullDiskKeepsTheLastCheckpointAndTheRunCanGoOn) {
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

TEST_F(Trainer, ALossThatIsNoNumberStopsItNamesTheBatchAndKeepsTheLastGoodCheckpoint) {
  TrainerOptions options = small_run();
  options.accumulation = 1;
  DivergingNetwork network(small_network(), 5);
  const fs::path run = folder("run");
  const auto diverge = [&] { train(network, run, options); };
  EXPECT_EQ(code_of(diverge), ErrorCode::diverged);
  const Checkpoint kept = read_checkpoint(run / "checkpoint.safetensors");
  EXPECT_EQ(kept.number("step"), 3);
  for (const auto& [name, tensor] : kept.tensors)
    EXPECT_TRUE(at::isfinite(tensor).all().item<bool>()) << name;
  EXPECT_EQ(log(run).steps.size(), 4U);
}

TEST_F(Trainer, TheMessageOfADivergedRunNamesStepAndPictures) {
  TrainerOptions options = small_run();
  options.accumulation = 1;
  DivergingNetwork network(small_network(), 2);
  const std::string message = message_of([&] { train(network, folder("run"), options); });
  EXPECT_NE(message.find("step 2: the loss is"), std::string::npos) << message;
  std::size_t pictures = 0;
  for (std::size_t at = message.find(".png"); at != message.npos; at = message.find(".png", at + 1))
    ++pictures;
  EXPECT_EQ(pictures, 6U) << message;
}

TEST_F(Trainer, ACollapsedNetworkIsReportedOnceInLogOutcomeAndProgress) {
  TrainerOptions options = small_run();
  options.mining.strategy = Mining::batch_hard;
  options.memory = 0;
  options.accumulation = 1;
  options.schedule.steps = 120;
  options.validate_every = options.checkpoint_every = 1000;
  ConstantNetwork network(8);
  const fs::path run = folder("run");
  const TrainingOutcome outcome = train(network, run, options);
  ASSERT_EQ(outcome.warnings.size(), 1U);
  EXPECT_NE(outcome.warnings[0].find("collapse"), std::string::npos);
  EXPECT_EQ(log(run).warnings, outcome.warnings);
  EXPECT_EQ(silent.notes_with("step 100: collapse").size(), 1U);
}

TEST_F(Trainer, StopsEarlyWhenValidationsDoNotImprove) {
  TrainerOptions options = small_run();
  options.memory = 0;
  options.accumulation = 1;
  options.schedule.steps = 50;
  options.validate_every = 2;
  options.patience = 3;
  ConstantNetwork network(8);  // which validates alike for ever
  const fs::path run = folder("run");
  const TrainingOutcome outcome = train(network, run, options);
  EXPECT_TRUE(outcome.stopped_early);
  EXPECT_EQ(outcome.steps, 8) << "the first validation is the best, then three more";
  EXPECT_EQ(outcome.best.step, 2);
  EXPECT_EQ(read_checkpoint(run / "checkpoint.safetensors").number("step"), 8);
  EXPECT_EQ(train(network, run, options, true).steps, 8) << "resumed, it stays stopped";
}

TEST_F(Trainer, AccumulatedBatchesMakeTheGradientOfTheirMeanLoss) {
  TrainerOptions options = small_run();
  options.mining.strategy = Mining::all;
  options.memory = 0;
  options.optimiser = {.algorithm = Algorithm::sgd, .weight_decay = 0, .momentum = 0};
  options.schedule = {.highest = 0.5, .warm_up = 0, .steps = 1};
  options.clip = options.average = 0;
  LinearNetwork network;
  LinearNetwork twin;
  BatchLoader loader(*faces, {.sampler = options.sampler, .seed = options.seed}, 0);
  at::Tensor loss = at::zeros({});
  Random unused(0);
  for (int i = 0; i < 2; ++i) {
    const TrainingBatch batch = loader.next();
    std::vector<std::int64_t> labels;
    for (const std::int64_t face : batch.faces) labels.push_back(faces->labels()[face]);
    const at::Tensor raw = twin.encode(batch.input);
    const auto encodings = raw / raw.norm(2, 1, true);
    loss = loss + mined_triplet_loss(mining_batch(encodings, at::tensor(labels, at::kLong)),
                                     options.mining, options.loss, unused)
                          .loss /
                      2;
  }
  loss.backward();
  const at::Tensor expected = twin.weight() - 0.5 * twin.weight().grad();
  train(network, folder("run"), options);
  EXPECT_GT((expected - twin.weight()).abs().max().item<double>(), 1e-4);
  EXPECT_TRUE(at::allclose(network.weight(), expected, 1e-5, 1e-7));
}

TEST_F(Trainer, ANetworksPenaltyJoinsTheLossAndIsLoggedApart) {
  TrainerOptions options = small_run();
  options.mining.strategy = Mining::all;
  options.memory = 0;
  options.accumulation = 1;
  options.optimiser = {.algorithm = Algorithm::sgd, .weight_decay = 0, .momentum = 0};
  options.schedule = {.highest = 0.5, .warm_up = 0, .steps = 1};
  options.clip = options.average = 0;
  PayingNetwork network;
  LinearNetwork twin;
  BatchLoader loader(*faces, {.sampler = options.sampler, .seed = options.seed}, 0);
  const TrainingBatch batch = loader.next();
  std::vector<std::int64_t> labels;
  for (const std::int64_t face : batch.faces) labels.push_back(faces->labels()[face]);
  const at::Tensor raw = twin.encode(batch.input);
  const auto encodings = raw / raw.norm(2, 1, true);
  Random unused(0);
  const at::Tensor loss = mined_triplet_loss(mining_batch(encodings, at::tensor(labels, at::kLong)),
                                             options.mining, options.loss, unused)
                              .loss;
  const at::Tensor penalty = 6 * encodings.sum();
  (loss + penalty).backward();
  const fs::path run = folder("run");
  train(network, run, options);
  EXPECT_TRUE(
      at::allclose(network.weight(), twin.weight() - 0.5 * twin.weight().grad(), 1e-4, 1e-6));
  EXPECT_NEAR(log(run).steps[0].loss, loss.item<double>(), 1e-6);
  EXPECT_NEAR(log(run).steps[0].penalty, penalty.item<double>(), 1e-4);
}

TEST_F(Trainer, ValidatesBeforeTheFirstStepAndKeepsTheStartUntilItIsSurpassed) {
  TrainerOptions options = small_run();
  options.memory = 0;
  options.accumulation = 1;
  options.validate_start = true;
  ConstantNetwork network(8);  // which never gets better
  const fs::path run = folder("run");
  TrainingOutcome outcome = train(network, run, options);
  EXPECT_EQ(outcome.start.step, 0);
  EXPECT_EQ(outcome.best.step, 0);
  EXPECT_EQ(outcome.last.step, 8);
  ASSERT_EQ(log(run).validations.size(), 3U);
  EXPECT_EQ(log(run).validations[0].step, 0);
  EXPECT_TRUE(at::equal(best.at("weight"), at::ones({8})));
  outcome = train(network, run, options, true);
  EXPECT_EQ(outcome.start.step, 0) << "resumed, it is remembered";
}

TEST_F(Trainer, WithoutAStepItsResultIsTheStart) {
  TrainerOptions options = small_run();
  options.schedule.steps = 0;
  options.validate_start = true;
  LinearNetwork network;
  const at::Tensor before = network.weight().detach().clone();
  const TrainingOutcome outcome = train(network, folder("run"), options);
  EXPECT_EQ(outcome.steps, 0);
  EXPECT_EQ(outcome.best.step, 0);
  EXPECT_TRUE(at::equal(best.at("weight"), before));
}

TEST_F(Trainer, OptionsThatCannotBeUsedAreNamed) {
  const auto refused = [&](const char* name, auto change) {
    TrainerOptions options = small_run();
    change(options);
    const auto network = small_network();
    const auto make = [&] { SiameseTrainer trainer(*network, *faces, *others, options); };
    EXPECT_EQ(code_of(make), ErrorCode::invalid_argument) << name;
    EXPECT_NE(message_of(make).find(name), std::string::npos) << message_of(make);
  };
  refused("--steps", [](TrainerOptions& o) { o.schedule.steps = 0; });
  refused("--steps", [](TrainerOptions& o) {
    o.validate_start = true;
    o.schedule.steps = -1;
  });
  refused("--learning-rate", [](TrainerOptions& o) { o.schedule.highest = 0; });
  refused("--learning-rate",
          [](TrainerOptions& o) { o.schedule.highest = std::numeric_limits<double>::infinity(); });
  refused("--warm-up", [](TrainerOptions& o) { o.schedule.warm_up = -1; });
  refused("--margin", [](TrainerOptions& o) { o.loss.margin = 5; });
  refused("--average", [](TrainerOptions& o) { o.average = 1; });
  refused("--accumulate", [](TrainerOptions& o) { o.accumulation = 0; });
  refused("--validate-every", [](TrainerOptions& o) { o.validate_every = 0; });
  refused("--memory", [](TrainerOptions& o) { o.memory = -1; });
}

TEST_F(Trainer, TooFewPeopleForABatchAreRefused) {
  TrainerOptions options = small_run();
  options.sampler.identities = 6;
  EXPECT_EQ(code_of([&] { train(folder("run"), options); }), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
