#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/train/batch_loader.h>
#include <likeness/train/collapse.h>
#include <likeness/train/cross_batch_memory.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/trainer.h>
#include <torch/types.h>

#include "train/seeds.h"
#include "train/trainer_options.h"
#include "train/training_team.h"
#include "train/validation.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

std::string pictures_of(const TrainingFaces& faces, const std::vector<std::int64_t>& batch) {
  std::string text;
  for (const std::int64_t face : batch) text += (text.empty() ? "" : ", ") + faces.picture(face);
  return text;
}

double measure_of(const ValidationMeasures& measures, double far) {
  return far < 5e-3 ? measures.tar_1e3 : measures.tar_1e2;
}

}  // namespace

/// One call of SiameseTrainer::run: what changes from step to step.
class SiameseTrainer::Run {
 public:
  Run(SiameseTrainer& trainer, const RunPlace& place, Progress& progress,
      const Cancellation* cancellation);
  TrainingOutcome go();

 private:
  fs::path checkpoint_path() const { return place_.folder / "checkpoint.safetensors"; }
  void restore(const Checkpoint& checkpoint);
  void save();
  void learn_batch(StepMeasures& measures);
  void learn_step();
  void report(const StepMeasures& measures);
  void validate_now();
  bool patience_is_over() const;
  void check_finite(double value, const char* what);

  SiameseTrainer& t_;
  const TrainerOptions& options_;
  RunPlace place_;
  Progress& progress_;
  const Cancellation* cancellation_;
  TrainingTeam team_;
  RunSettings settings_;

  std::int64_t step_ = 0;  ///< steps that are done
  at::Tensor average_;
  Optimiser optimiser_;
  std::optional<CrossBatchMemory> memory_;
  CollapseWatch collapse_;
  std::int64_t without_gain_ = 0;  ///< validations since the best
  TrainingOutcome outcome_;
  std::optional<TrainingLog> log_;  ///< of the process that writes
  std::optional<BatchLoader> loader_;
  std::vector<std::int64_t> batch_;  ///< faces of the last batch
};

SiameseTrainer::Run::Run(SiameseTrainer& trainer, const RunPlace& place, Progress& progress,
                         const Cancellation* cancellation)
    : t_(trainer),
      options_(trainer.options_),
      place_(place),
      progress_(progress),
      cancellation_(cancellation),
      team_(place.processes),
      settings_(settings_of(options_)),
      average_(trainer.parameters_.state().clone()),
      optimiser_(trainer.parameters_, options_.optimiser),
      collapse_(options_.loss) {
  settings_["network"] = t_.network_.description();
  settings_["training faces"] = t_.faces_.fingerprint();
  settings_["validation faces"] = t_.validation_.fingerprint();
  if (options_.memory > 0)
    memory_.emplace(options_.memory, t_.network_.dimensions(), options_.device);
  team_.agree_on(settings_);
  team_.share_state(t_.parameters_.state());
  t_.network_.share_statistics(team_.sum());
  average_.copy_(t_.parameters_.state());
  t_.best_state_ = average_.clone();

  std::error_code ignored;
  if (place_.resume && fs::exists(checkpoint_path(), ignored))
    restore(read_checkpoint(checkpoint_path()));
  team_.agree_on_start(step_);
  if (place_.log.empty()) place_.log = place_.folder / "log.jsonl";
  if (team_.writes()) log_.emplace(place_.log, step_);
  loader_.emplace(t_.faces_,
                  BatchLoaderOptions{.sampler = options_.sampler,
                                     .seed = options_.seed,
                                     .threads = options_.loader_threads,
                                     .rank = team_.rank(),
                                     .processes = team_.size()},
                  static_cast<std::uint64_t>(step_ * options_.accumulation));
}

void SiameseTrainer::Run::restore(const Checkpoint& checkpoint) {
  check_same_run(checkpoint.settings, settings_);
  step_ = checkpoint.number("step");
  without_gain_ = checkpoint.number("validations without gain");
  const FlatParameters& parameters = t_.parameters_;
  parameters.assign(parameters.state(), checkpoint.below("network/"));
  parameters.assign(average_, checkpoint.below("average/"));
  parameters.assign(t_.best_state_, checkpoint.below("best/"));
  optimiser_.restore(checkpoint.below("optimiser/"));
  if (memory_) memory_->restore(checkpoint.below("memory/"));
  outcome_.start = parse_validation(checkpoint.text("start"));
  outcome_.best = parse_validation(checkpoint.text("best"));
  outcome_.last = parse_validation(checkpoint.text("last"));
}

void SiameseTrainer::Run::save() {
  if (!team_.writes()) return;
  Checkpoint checkpoint{.settings = settings_, .state = {}, .tensors = {}};
  checkpoint.state = {{"step", std::to_string(step_)},
                      {"validations without gain", std::to_string(without_gain_)},
                      {"start", to_json(outcome_.start)},
                      {"best", to_json(outcome_.best)},
                      {"last", to_json(outcome_.last)}};
  const FlatParameters& parameters = t_.parameters_;
  checkpoint.add("network/", parameters.named(parameters.state()));
  checkpoint.add("average/", parameters.named(average_));
  checkpoint.add("best/", parameters.named(t_.best_state_));
  checkpoint.add("optimiser/", optimiser_.state());
  if (memory_) checkpoint.add("memory/", memory_->state());
  write_checkpoint(checkpoint_path(), checkpoint);
}

void SiameseTrainer::Run::check_finite(double value, const char* what) {
  if (std::isfinite(value)) return;
  throw Error(ErrorCode::diverged,
              "step " + std::to_string(step_ + 1) + ": " + what + " is " + exact_text(value) +
                  "; the last checkpoint is good: resume it with a lower --learning-rate or --clip "
                  "in a new run; the batch held " +
                  pictures_of(t_.faces_, batch_));
}

/// Adds the gradients of one batch, and what it measured to `measures`.
void SiameseTrainer::Run::learn_batch(StepMeasures& measures) {
  TrainingBatch batch = loader_->next();
  batch_ = batch.faces;
  std::vector<std::int64_t> of_faces;
  for (const std::int64_t face : batch.faces) of_faces.push_back(t_.faces_.labels()[face]);
  const auto labels = at::tensor(of_faces, at::kLong).to(options_.device);
  const auto pictures = at::tensor(batch.faces, at::kLong).to(options_.device);

  const at::Tensor raw = team_.joined(t_.network_.encode(batch.input.to(options_.device)),
                                      static_cast<std::int64_t>(batch.faces.size()));
  const at::Tensor lengths = raw.norm(2, 1, true);
  const at::Tensor encodings = raw / lengths.clamp_min(1e-12);
  MiningBatch mining = mining_batch(encodings, labels);
  if (memory_ && step_ >= options_.schedule.warm_up) mining = memory_->extend(mining, pictures);
  Random random(derived_seed(options_.seed, SeedStream::mining, batch.number));
  const MinedLoss mined = mined_triplet_loss(mining, options_.mining, options_.loss, random);
  const double loss = mined.loss.item<double>();
  check_finite(loss, "the loss");
  const at::Tensor penalty = t_.network_.penalty(batch.faces, encodings);
  const at::Tensor total = penalty.defined() ? mined.loss + penalty : mined.loss;
  // All processes have the same loss, which counts once.
  (total / (options_.accumulation * team_.size())).backward();
  if (memory_) memory_->push(encodings, labels, pictures);

  const torch::NoGradGuard no_gradients;
  const double share = 1.0 / options_.accumulation;
  measures.loss += share * loss;
  if (penalty.defined()) measures.penalty += share * penalty.item<double>();
  measures.mining.triplets += mined.statistics.triplets;
  measures.mining.active += share * mined.statistics.active;
  measures.mining.active_of_all += share * mined.statistics.active_of_all;
  measures.mining.positive_distance += share * mined.statistics.positive_distance;
  measures.mining.negative_distance += share * mined.statistics.negative_distance;
  measures.norm += share * lengths.mean().item<double>();
  measures.variance += share * (1 - encodings.mean(0).square().sum().item<double>());
}

void SiameseTrainer::Run::learn_step() {
  const Timer timer;
  StepMeasures measures;
  measures.step = step_ + 1;
  measures.learning_rate = learning_rate_at(options_.schedule, step_);
  t_.parameters_.gradients().zero_();
  std::size_t faces = 0;
  for (int i = 0; i < options_.accumulation; ++i) {
    learn_batch(measures);
    faces += batch_.size();
  }
  team_.add_up(t_.parameters_.gradients());
  measures.gradient = clip_gradients(t_.parameters_, options_.clip);
  check_finite(measures.gradient, "the gradient's length");
  optimiser_.step(measures.learning_rate);
  update_average(average_, t_.parameters_, options_.average, step_);
  ++step_;
  measures.faces_per_second = static_cast<double>(faces) / timer.seconds();
  report(measures);
}

void SiameseTrainer::Run::report(const StepMeasures& measures) {
  if (log_) log_->add(measures);
  if (const auto warning = collapse_.look_at(measures)) {
    if (log_) log_->warn(measures.step, *warning);
    progress_.note("step " + std::to_string(measures.step) + ": " + *warning);
    outcome_.warnings.push_back(*warning);
  }
  progress_.update(step_);
}

void SiameseTrainer::Run::validate_now() {
  const BorrowedState average(t_.parameters_, average_);
  t_.network_.module().eval();
  if (team_.writes()) outcome_.last = validate(t_.network_, t_.validation_, options_.device);
  t_.network_.module().train();
  outcome_.last.step = step_;
  outcome_.last = team_.shared(outcome_.last);
  if (log_) log_->add(outcome_.last);
  const double now = measure_of(outcome_.last, options_.patience_far);
  const bool better =
      outcome_.best.step < 0 || now > measure_of(outcome_.best, options_.patience_far);
  without_gain_ = better ? 0 : without_gain_ + 1;
  if (better) {
    outcome_.best = outcome_.last;
    t_.best_state_.copy_(average_);
  }
}

bool SiameseTrainer::Run::patience_is_over() const {
  return options_.patience > 0 && without_gain_ >= options_.patience;
}

TrainingOutcome SiameseTrainer::Run::go() {
  const Timer timer;
  t_.network_.module().train();
  progress_.begin("training", options_.schedule.steps);
  progress_.resume(step_);
  if (step_ == 0 && options_.validate_start && outcome_.start.step < 0) {
    validate_now();
    outcome_.start = outcome_.last;
  }
  if (options_.schedule.steps == 0) save();
  while (step_ < options_.schedule.steps && !patience_is_over()) {
    if (team_.stop_requested(cancellation_)) {
      save();
      throw Error(ErrorCode::cancelled, "stopped at step " + std::to_string(step_));
    }
    learn_step();
    const bool last = step_ == options_.schedule.steps;
    if (last || step_ % options_.validate_every == 0) validate_now();
    if (last || step_ % options_.checkpoint_every == 0 || patience_is_over()) save();
  }
  progress_.end();
  outcome_.steps = step_;
  outcome_.stopped_early = step_ < options_.schedule.steps;
  outcome_.seconds = timer.seconds();
  return outcome_;
}

SiameseTrainer::SiameseTrainer(SiameseNetwork& network, const TrainingFaces& faces,
                               const TrainingFaces& validation, const TrainerOptions& options)
    : network_(network),
      faces_(faces),
      validation_(validation),
      options_(options),
      parameters_(network.module(), [&](const std::string& name) { return network.rate(name); }) {
  check_trainer_options(options);
}

SiameseTrainer::~SiameseTrainer() = default;

TrainingOutcome SiameseTrainer::run(const RunPlace& place, Progress& progress,
                                    const Cancellation* cancellation) {
  return Run(*this, place, progress, cancellation).go();
}

LocalModel SiameseTrainer::best() {
  LIKENESS_CHECK(best_state_.defined());
  const BorrowedState borrowed(parameters_, best_state_);
  return network_.exported();
}

at::Tensor SiameseTrainer::best_validation_encodings() {
  LIKENESS_CHECK(best_state_.defined());
  const BorrowedState borrowed(parameters_, best_state_);
  network_.module().eval();
  return encode_all(network_, validation_, options_.device);
}

}  // namespace likeness
