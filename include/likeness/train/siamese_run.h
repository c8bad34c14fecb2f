#pragma once

/// `likeness train siamese` as one call: data set → aligned faces → split by identity → training →
/// a model that `verify` can use. Everything is kept in the run's folder.
///
///     const SiameseResult result = train_siamese(store, {.data = "photos", .out = "run"},
///                                                progress, nullptr);

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/faces/detector.h>
#include <likeness/model/local_model.h>
#include <likeness/model/store.h>
#include <likeness/train/augmentation.h>
#include <likeness/train/fine_tuning.h>
#include <likeness/train/overlap.h>
#include <likeness/train/pair_trained.h>
#include <likeness/train/process_place.h>
#include <likeness/train/trainer.h>

namespace likeness {

/// What of the network learns.
enum class Trained {
  network,  ///< its layers
  head,     ///< a linear map behind it, on frozen encodings (projection_head.h)
};

/// Where a head starts.
enum class HeadStart {
  identity,  ///< the encodings as they are
  wccn,      ///< what whitens the differences between photos of one person
};

struct HeadOptions {
  int views = 8;  ///< variations of each training face that are encoded beside the face itself
  HeadStart start = HeadStart::identity;
  double shrinkage = 0.3;  ///< of wccn, 0 to 1
  double keep = 0.01;      ///< weight of the squared distance from the start in the loss
  bool bias = false;
};

struct SiameseOptions {
  std::filesystem::path data;  ///< folder of identities, or CSV
  std::filesystem::path out;   ///< the run's folder, made if needed
  std::string id;              ///< of the model; empty: the name of `out`
  /// "none": a compact encoder from random weights; else a face encoder, an id that the store
  /// knows, whose training goes on, or that a head stands behind.
  std::string init = "none";
  Trained trained = Trained::network;
  HeadOptions head = {};
  FineTuningOptions fine_tuning = {};  ///< without targets
  net::CompactEncoderOptions compact = {};
  PairLossOptions pair_loss = {};  ///< verification as binary classification, end to end
  bool bf16 = false;

  std::vector<std::string> exclude = {};  ///< identities to leave out
  /// Folders of identities or lists of names that the model will be judged on: who is in one of
  /// them, by name or by face, is left out.
  std::vector<std::filesystem::path> benchmarks = {};
  double validation_share = 0.1;  ///< of the identities
  std::uint64_t split_seed = 1;
  AugmentationOptions augmentation = {};
  TrainerOptions trainer = {};
  double epochs = 0;  ///< above 0: in place of trainer.schedule.steps

  DetectorOptions detector = {};
  int threads = 0;  ///< for detection; 0: one for each core
  bool resume = false;
  std::filesystem::path log = {};  ///< empty: log.jsonl in the run's folder
  Precision precision = Precision::half;
  std::string command = {};  ///< as it was typed, for the model's entry

  /// Where this process stands among those that train together; each makes the same call.
  std::optional<ProcessPlace> processes = {};
  std::chrono::seconds process_timeout{1800};  ///< how long they wait for one another
};

/// The same for all processes; files are written by process 0 alone.
struct SiameseResult {
  ModelEntry model;
  TrainingOutcome training;
  std::int64_t faces = 0;       ///< trained on
  std::int64_t identities = 0;  ///< trained on
  std::int64_t validation_faces = 0;
  std::int64_t validation_identities = 0;
  std::int64_t skipped = 0;       ///< pictures that gave no face
  std::vector<Overlap> overlaps;  ///< people of the benchmarks, who were left out
  std::int64_t parameters = 0;
};

/// What can be refused before anything is loaded: throws Error(invalid_argument) for an `init` that
/// cannot be trained as it is asked for and options that cannot be used; as Manifest::find does.
void check_siamese_options(const ModelStore& store, const SiameseOptions& options);

/// Throws Error as the parts do: invalid_argument for options that cannot be used, a run's folder
/// that holds another run (without `resume`: any), an id that another model has.
SiameseResult train_siamese(const ModelStore& store, const SiameseOptions& options,
                            Progress& progress, const Cancellation* cancellation);

}  // namespace likeness
