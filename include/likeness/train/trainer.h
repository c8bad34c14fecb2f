#pragma once

/// The training of a Siamese network with the triplet loss: P×K batches, mined triplets, gradient
/// descent, validation on people that it never learns from, checkpoints. What a run becomes is a
/// function of its options, network and faces alone; stopped at any moment (kill -9 included) and
/// resumed, it ends bit for bit where it would have ended (with the same number of threads).
///
/// Several processes share each batch (process_group.h): triplets are mined in the whole batch, and
/// the gradients are those of one process that has all of it, up to rounding.
///
///     SiameseTrainer trainer(*network, *faces, *others, options);
///     const TrainingOutcome outcome = trainer.run({.folder = "run"}, progress, nullptr);
///     LocalModel model = trainer.best();

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/core/progress.h>
#include <likeness/train/checkpoint.h>
#include <likeness/train/optimiser.h>
#include <likeness/train/process_group.h>
#include <likeness/train/sampler.h>
#include <likeness/train/siamese_network.h>
#include <likeness/train/training_faces.h>
#include <likeness/train/training_log.h>
#include <likeness/train/triplet_mining.h>

namespace likeness {

struct TrainerOptions {
  SamplerOptions sampler = {};
  MiningOptions mining = {};
  TripletLossOptions loss = {};
  /// Encodings of earlier batches that triplets are mined from as well (cross_batch_memory.h); 0:
  /// none. Used once the warm-up is over, when encodings drift slowly.
  std::int64_t memory = 0;
  OptimiserOptions optimiser = {};
  LearningRateSchedule schedule = {};  ///< its `steps` are those of the run
  double clip = 5;                     ///< longest gradient; 0: any
  double average = 0.999;              ///< decay of the moving average of the weights; 0: none
  int accumulation = 1;                ///< batches whose gradients make one step
  std::uint64_t seed = 1;

  std::int64_t validate_every = 250;    ///< steps
  std::int64_t checkpoint_every = 250;  ///< steps
  /// Validate before the first step too, so that the best weights may be those it started from: for
  /// networks that can do something already. `steps` may be 0 then.
  bool validate_start = false;
  /// The last weights count as the best: for aims that the validation does not measure.
  bool take_last = false;
  /// Stop when so many validations in a row did not surpass the best one; 0: never.
  std::int64_t patience = 0;
  /// The measure that tells the best one: TAR at this FAR, 1e-2 or 1e-3.
  double patience_far = 1e-2;

  c10::Device device = c10::kCPU;  ///< where the network lies; no part of the run's settings
  int loader_threads = 1;          ///< nor this
};

/// What a run's result depends on, but for network and faces. Throws Error(invalid_argument) for
/// options that cannot be used, naming them as the command line does.
RunSettings settings_of(const TrainerOptions& options);

struct TrainingOutcome {
  std::int64_t steps = 0;  ///< done, by this and earlier calls
  bool stopped_early = false;
  ValidationMeasures start;           ///< before the first step, with validate_start
  ValidationMeasures best;            ///< what the best weights measured
  ValidationMeasures last;            ///< the last validation
  std::vector<std::string> warnings;  ///< collapse, for example
  double seconds = 0;                 ///< of this call
};

/// A run's folder: log.jsonl and checkpoint.safetensors are written there.
struct RunPlace {
  std::filesystem::path folder;
  std::filesystem::path log;  ///< empty: folder/log.jsonl
  bool resume = false;        ///< go on from the checkpoint; without one, begin
  /// Those that train together, each with the same options, faces and network; null: this process
  /// alone. Process 0 validates and writes; for `resume` all must see the folder.
  ProcessGroup* processes = nullptr;
};

class SiameseTrainer {
 public:
  /// Keeps references: all must outlive the trainer. `validation`: faces of other people.
  /// Throws Error: invalid_argument for options that cannot be used, as IdentitySampler does.
  SiameseTrainer(SiameseNetwork& network, const TrainingFaces& faces,
                 const TrainingFaces& validation, const TrainerOptions& options);
  ~SiameseTrainer();

  /// Trains until the last step, an early stop or a cancellation; a checkpoint is written in all
  /// three cases. Throws Error: cancelled (by any of the processes); unavailable (a process is
  /// lost); diverged (the loss or a gradient is NaN or infinite;
  /// says which pictures were in the batch; the last checkpoint is from before); invalid_argument
  /// and corrupt_file for a checkpoint of another run or a broken one; write_failed.
  TrainingOutcome run(const RunPlace& place, Progress& progress, const Cancellation* cancellation);

  /// The network with the weights of the best validation (the moving average then).
  LocalModel best();
  /// What those weights make of the validation faces: float32 [N, D] on the CPU, rows of length 1.
  at::Tensor best_validation_encodings();

 private:
  class Run;
  SiameseNetwork& network_;
  const TrainingFaces& faces_;
  const TrainingFaces& validation_;
  TrainerOptions options_;
  FlatParameters parameters_;
  at::Tensor best_state_;
};

}  // namespace likeness
