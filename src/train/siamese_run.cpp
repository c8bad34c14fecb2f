#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/worker_pool.h>
#include <likeness/train/run_report.h>
#include <likeness/train/sampler.h>
#include <likeness/train/siamese_network.h>
#include <likeness/train/siamese_run.h>
#include <likeness/train/validation_report.h>

#include "train/run_folder.h"
#include "train/siamese_setup.h"

namespace likeness {
namespace {

void check_id(const ModelStore& store, const std::string& id) {
  for (const ModelEntry& entry : store.manifest().models)
    if (entry.id == id && entry.file.empty())
      throw Error(ErrorCode::invalid_argument,
                  "the model would be called '" + id +
                      "' like a built-in one; choose another --id or --out");
}

std::int64_t steps_of(const SiameseOptions& options, const TrainingFaces& faces) {
  if (options.epochs <= 0) return options.trainer.schedule.steps;
  const IdentitySampler sampler(faces.labels(), options.trainer.sampler, options.trainer.seed);
  return static_cast<std::int64_t>(
      std::ceil(options.epochs * static_cast<double>(sampler.batches_per_epoch()) /
                options.trainer.accumulation));
}

std::string percent(double share) {
  std::ostringstream text;
  text.precision(4);
  text << 100 * share << " %";
  return text.str();
}

void describe(ModelEntry& entry, const SiameseOptions& options, const SiameseResult& result) {
  entry.id = options.id;
  entry.task = "face encoder";
  entry.summary = "trained by 'likeness train siamese' with the triplet loss, " +
                  std::string(to_string(options.trainer.mining.strategy)) + " mining";
  entry.licence = "that of its training data";
  const ValidationMeasures& best = result.training.best;
  entry.quality = "validation, " + std::to_string(result.validation_faces) + " faces of " +
                  std::to_string(result.validation_identities) + " other people: TAR " +
                  percent(best.tar_1e2) + " at FAR 1e-2, " + percent(best.tar_1e3) +
                  " at 1e-3, EER " + percent(best.eer);
  entry.training = {{"data", options.data.string() + ": " + std::to_string(result.faces) +
                                 " faces of " + std::to_string(result.identities) + " people"},
                    {"init", options.init},
                    {"seed", std::to_string(options.trainer.seed)},
                    {"steps", std::to_string(best.step) + " of " +
                                  std::to_string(options.trainer.schedule.steps)},
                    {"parameters", std::to_string(result.parameters)}};
  if (!options.command.empty()) entry.training["command"] = options.command;
}

std::int64_t count_parameters(SiameseNetwork& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.module().parameters()) count += parameter.numel();
  return count;
}

}  // namespace

void check_siamese_options(const ModelStore& store, const SiameseOptions& options) {
  const auto refuse = [](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, what);
  };
  if (!(options.head.keep >= 0)) refuse("--keep must not be negative");
  if (!(options.fine_tuning.distil >= 0)) refuse("--distil must not be negative");
  if (!(options.pair_loss.weight >= 0)) refuse("--pair-loss must not be negative");
  if (options.head.views < 0) refuse("--views must not be negative");
  settings_of(options.trainer);
  const bool scratch = options.init == "none";
  if (scratch && options.trained == Trained::head)
    refuse("--train head: needs a trained encoder to stand behind, for example --init duo");
  if (scratch && !options.fine_tuning.freeze.empty())
    refuse("--freeze: nothing can be frozen of a network with random weights; use --init MODEL");
  if (scratch) return;
  const ModelEntry& start = store.manifest().find(options.init);
  if (options.trained == Trained::network && !start.parts.empty())
    refuse("--init " + options.init +
           ": combines networks, of which only a single one can be trained; name one of them, or "
           "train a head behind all with --train head");
  if (options.trained == Trained::head && start.has_weights() && !start.parts.empty())
    refuse("--init " + options.init + ": has a head already; use what that stands behind");
}

SiameseResult train_siamese(const ModelStore& store, const SiameseOptions& given,
                            Progress& progress, const Cancellation* cancellation) {
  SiameseOptions options = given;
  check_siamese_options(store, options);
  check_layers(store, options);
  if (options.id.empty()) options.id = id_from_folder(options.out);
  check_id(store, options.id);
  prepare_run_folder(options.out, options.resume);
  const SiameseSetup setup = set_up(store, options, progress, cancellation);
  options.trainer.schedule.steps = steps_of(options, *setup.train);

  SiameseResult result;
  result.skipped = setup.skipped;
  result.overlaps = setup.overlaps;
  result.faces = setup.train->size();
  result.identities = setup.train_identities;
  result.validation_faces = setup.validation->size();
  result.validation_identities = setup.validation_identities;
  result.parameters = count_parameters(*setup.network);
  const ThreadCountKeeper threads;
  if (options.trained == Trained::head) at::set_num_threads(1);  // its matrices are small
  SiameseTrainer trainer(*setup.network, *setup.train, *setup.validation, options.trainer);
  std::optional<ProcessGroup> processes;
  if (options.processes)
    processes.emplace(*options.processes, options.trainer.device, options.process_timeout);
  result.training = trainer.run({.folder = options.out,
                                 .log = options.log,
                                 .resume = options.resume,
                                 .processes = processes ? &*processes : nullptr},
                                progress, cancellation);
  LocalModel model = trainer.best();
  describe(model.entry, options, result);
  if (processes && !processes->is_first()) {
    result.model = std::move(model.entry);
    return result;
  }
  result.model = write_local_model(options.out, std::move(model), options.precision);
  write_validation_report(options.out, judge_validation(trainer.best_validation_encodings(),
                                                        *setup.validation, setup.pictures));
  write_file(options.out / "report.html", run_report_html(options.out, options.log));
  return result;
}

}  // namespace likeness
