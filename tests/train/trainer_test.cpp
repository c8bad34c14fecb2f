#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/batch_loader.h>

#include "support/error_code.h"
#include "train/odd_networks.h"
#include "train/trainer_fixture.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Trainer : public TrainerFixture {};

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
