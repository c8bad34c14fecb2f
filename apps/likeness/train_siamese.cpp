/// likeness train siamese: an encoder that learns from triplets.

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/process_place.h>
#include <likeness/train/siamese_run.h>
#include <nlohmann/json.hpp>

#include "console_progress.h"
#include "networks.h"
#include "number_text.h"
#include "train_command.h"

namespace likeness::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The options as they are typed.
struct TrainOptions {
  SiameseOptions run;
  std::string data;
  std::string out;
  std::string log;
  std::string loss = "triplet";
  std::string mining = "batch-hard";
  std::string optimiser = "adamw";
  std::string exclude;
  std::string weights = "fp16";
  std::vector<std::string> without;  ///< kinds of augmentation
  int process_timeout = 1800;
};

constexpr std::size_t kMaxListBytes = std::size_t{16} << 20;

/// Names, one a line.
std::vector<std::string> read_names(const std::string& path) {
  const Bytes bytes = read_file(path, kMaxListBytes);
  std::vector<std::string> names;
  std::string name;
  for (const std::uint8_t byte : bytes) {
    if (byte == '\r') continue;
    if (byte != '\n') {
      name += static_cast<char>(byte);
    } else if (!name.empty()) {
      names.push_back(std::move(name));
      name.clear();
    }
  }
  if (!name.empty()) names.push_back(name);
  return names;
}

/// Switches kinds of augmentation off by their names.
void switch_off(AugmentationOptions& augmentation, const std::vector<std::string>& names) {
  struct Kind {
    const char* name;
    double* probability;
  };
  const Kind kinds[] = {{"flip", &augmentation.flip.probability},
                        {"affine", &augmentation.affine.probability},
                        {"pose", &augmentation.pose.probability},
                        {"colour", &augmentation.colour.probability},
                        {"grey", &augmentation.colour.grey_probability},
                        {"blur", &augmentation.blur.probability},
                        {"jpeg", &augmentation.jpeg.probability},
                        {"cutout", &augmentation.cutout.probability}};
  for (const std::string& name : names) {
    bool found = false;
    std::string known;
    for (const Kind& kind : kinds) {
      known += (known.empty() ? "" : ", ") + std::string(kind.name);
      if (name != kind.name && name != "all") continue;
      *kind.probability = 0;
      found = true;
    }
    if (!found)
      throw Error(ErrorCode::invalid_argument,
                  "--without " + name + ": no kind of augmentation; use all, " + known);
  }
}

/// The processes of a machine share its cores and take a GPU each; process 0 alone shows progress.
void share_machine(const ProcessPlace& place, CommandContext& context) {
  if (context.threads == 0) context.threads = std::max(1, core_count() / place.local_size);
  if (context.device == "cuda" || context.device == "auto")
    if (choose_device(context.device).is_cuda())
      context.device = "cuda:" + std::to_string(place.local_rank);
  context.quiet = context.quiet || place.rank > 0;
}

SiameseOptions run_options(const TrainOptions& options, CommandContext& context) {
  SiameseOptions run = options.run;
  run.data = options.data;
  run.out = options.out;
  run.log = options.log;
  if (options.loss != "triplet" && options.loss != "triplet-soft")
    throw Error(ErrorCode::invalid_argument,
                "--loss " + options.loss + ": not known; use triplet or triplet-soft");
  run.trainer.loss.soft_margin = options.loss == "triplet-soft";
  run.trainer.mining.strategy = mining_from_name(options.mining);
  run.trainer.optimiser.algorithm = algorithm_from_name(options.optimiser);
  if (options.weights != "fp16" && options.weights != "f32")
    throw Error(ErrorCode::invalid_argument,
                "--weights " + options.weights + ": not known; use fp16 or f32");
  run.precision = options.weights == "fp16" ? Precision::half : Precision::full;
  if (!options.exclude.empty()) run.exclude = read_names(options.exclude);
  switch_off(run.augmentation, options.without);
  run.processes = process_place();
  if (run.processes) share_machine(*run.processes, context);
  run.trainer.device = context.prepare_device();
  run.trainer.loader_threads = run.trainer.device.is_cpu() ? 1 : core_count();
  run.threads = context.threads;
  run.command = context.command_line;
  run.process_timeout = std::chrono::seconds(options.process_timeout);
  return run;
}

Json measures_json(const ValidationMeasures& measures) {
  return {{"step", measures.step}, {"tar_1e-2", measures.tar_1e2}, {"tar_1e-3", measures.tar_1e3},
          {"eer", measures.eer},   {"auc", measures.auc},          {"accuracy", measures.accuracy}};
}

Json result_json(const SiameseResult& result, const SiameseOptions& options) {
  return {{"model", result.model.id},
          {"folder", options.out.string()},
          {"weights", result.model.file.string()},
          {"parameters", result.parameters},
          {"faces", result.faces},
          {"identities", result.identities},
          {"validation_faces", result.validation_faces},
          {"validation_identities", result.validation_identities},
          {"skipped_pictures", result.skipped},
          {"steps", result.training.steps},
          {"stopped_early", result.training.stopped_early},
          {"seconds", result.training.seconds},
          {"best", measures_json(result.training.best)},
          {"last", measures_json(result.training.last)},
          {"warnings", result.training.warnings}};
}

std::string to_text(const SiameseResult& result, const SiameseOptions& options) {
  const ValidationMeasures& best = result.training.best;
  std::string text = "trained " + result.model.id + " (" + std::to_string(result.parameters) +
                     " parameters) on " + std::to_string(result.faces) + " faces of " +
                     std::to_string(result.identities) + " people\n";
  text += "  steps       " + std::to_string(result.training.steps) +
          (result.training.stopped_early ? ", stopped early" : "") + ", " +
          format_duration(result.training.seconds) + "\n";
  text += "  validation  TAR " + percent(best.tar_1e2) + " at FAR 1e-2, " + percent(best.tar_1e3) +
          " at 1e-3, EER " + percent(best.eer) + " (step " + std::to_string(best.step) + ", " +
          std::to_string(result.validation_faces) + " faces of " +
          std::to_string(result.validation_identities) + " other people)\n";
  text += "  model       " + options.out.string() + "\n";
  text += "  use it      likeness verify A.jpg B.jpg --model " + options.out.string() +
          " --threshold 1\n";
  return text;
}

int run_siamese(const TrainOptions& options, CommandContext& context) {
  const SiameseOptions run = run_options(options, context);
  check_siamese_options(run);
  const ModelStore store = context.store();
  fetch_missing_weights(store, "", context);
  const SiameseResult result =
      train_siamese(store, run, context.progress(), &context.stop_on_interrupt());
  if (run.processes && run.processes->rank > 0) return kOk;  // process 0 tells it
  if (context.json)
    context.print_json(result_json(result, run));
  else
    context.print(to_text(result, run));
  return kOk;
}

void add_data_options(CLI::App& command, TrainOptions& options) {
  command
      .add_option("--data", options.data,
                  "Folder with one folder of photos for each person, or a CSV file path,identity")
      ->type_name("DIR|CSV")
      ->required();
  command.add_option("--exclude", options.exclude, "File with identities to leave out, one a line")
      ->type_name("FILE");
  command
      .add_option("--validation", options.run.validation_share,
                  "Share of the people that is kept for validation")
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--without", options.without,
                  "Kinds of augmentation to switch off: all, flip, affine, pose, colour, grey, "
                  "blur, jpeg, cutout")
      ->type_name("KIND")
      ->delimiter(',');
}

void add_network_options(CLI::App& command, TrainOptions& options) {
  command
      .add_option("--init", options.run.init,
                  "What to start from: none (a compact encoder with random weights)")
      ->type_name("MODEL")
      ->capture_default_str();
  command
      .add_option("--size", options.run.compact.size,
                  "Size of the compact encoder's input in pixels, a multiple of 16")
      ->type_name("PIXELS")
      ->check(CLI::Range(32, 112).description(""))
      ->capture_default_str();
  command.add_option("--dimensions", options.run.compact.dimensions, "Numbers in an encoding")
      ->type_name("N")
      ->check(CLI::Range(8, 512).description(""))
      ->capture_default_str();
  command.add_flag("--bf16", options.run.bf16, "Compute convolutions in bfloat16");
}

void add_triplet_options(CLI::App& command, TrainOptions& options) {
  TrainerOptions& trainer = options.run.trainer;
  command.add_option("--loss", options.loss, "triplet, or triplet-soft (softplus, no margin)")
      ->type_name("LOSS")
      ->capture_default_str();
  command
      .add_option("--margin", trainer.loss.margin,
                  "How much farther, in squared distance, a negative must be")
      ->type_name("DISTANCE")
      ->capture_default_str();
  command.add_option("--sharpness", trainer.loss.sharpness, "How sharp the soft margin is")
      ->capture_default_str();
  std::string names;
  for (const Mining strategy : all_mining_strategies())
    names += (names.empty() ? "" : ", ") + std::string(to_string(strategy));
  command.add_option("--mining", options.mining, "How triplets are chosen: " + names)
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--p", trainer.sampler.identities, "People in a batch")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--k", trainer.sampler.pictures, "Pictures of each of them")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--memory", trainer.memory,
                  "Encodings of earlier batches to mine from as well; 0: none")
      ->type_name("N")
      ->capture_default_str();
}

void add_descent_options(CLI::App& command, TrainOptions& options) {
  TrainerOptions& trainer = options.run.trainer;
  CLI::Option* steps = command.add_option("--steps", trainer.schedule.steps, "Steps of the run");
  steps->type_name("N")->capture_default_str();
  command
      .add_option("--epochs", options.run.epochs, "Length of the run in epochs, instead of --steps")
      ->type_name("N")
      ->excludes(steps);
  command.add_option("--optimiser", options.optimiser, "sgd or adamw")
      ->type_name("NAME")
      ->capture_default_str();
  const auto number = [&](const char* name, double& value, const char* text) {
    command.add_option(name, value, text)->type_name("X")->capture_default_str();
  };
  const auto count = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->type_name("N")->capture_default_str();
  };
  number("--learning-rate", trainer.schedule.highest, "The highest learning rate");
  count("--warm-up", trainer.schedule.warm_up, "Steps until it is reached");
  number("--weight-decay", trainer.optimiser.weight_decay, "Weight decay of filters and matrices");
  number("--momentum", trainer.optimiser.momentum, "Momentum of sgd");
  number("--clip", trainer.clip, "Longest gradient; 0: any");
  number("--average", trainer.average, "Decay of the moving average of the weights; 0: none");
  count("--accumulate", trainer.accumulation, "Batches whose gradients make one step");
  count("--seed", trainer.seed, "Seed of all that is random");
}

void add_run_options(CLI::App& command, TrainOptions& options) {
  TrainerOptions& trainer = options.run.trainer;
  command.add_option("--out", options.out, "Folder for log, checkpoint and model")
      ->type_name("RUN")
      ->required();
  command.add_flag("--resume", options.run.resume,
                   "Go on from the checkpoint in RUN; repeat the other options");
  command.add_option("--id", options.run.id, "Name of the model (default: the name of RUN)")
      ->type_name("ID");
  command.add_option("--log", options.log, "Log, one JSON object a step (default RUN/log.jsonl)")
      ->type_name("FILE.jsonl");
  const auto count = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->type_name("N")->capture_default_str();
  };
  count("--validate-every", trainer.validate_every, "Steps between validations");
  count("--checkpoint-every", trainer.checkpoint_every, "Steps between checkpoints");
  count("--patience", trainer.patience,
        "Stop after so many validations without a new best; 0: never");
  command
      .add_option("--patience-far", trainer.patience_far,
                  "The best has the highest TAR at this FAR: 1e-2 or 1e-3")
      ->type_name("RATE")
      ->check(CLI::IsMember({1e-2, 1e-3}).description(""))
      ->capture_default_str();
  command
      .add_option("--process-timeout", options.process_timeout,
                  "Seconds that processes which train together wait for one another")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->capture_default_str();
  command.add_option("--weights", options.weights, "Precision of the model's file: fp16 or f32")
      ->type_name("TYPE")
      ->capture_default_str();
}

}  // namespace

void add_siamese_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "siamese",
       .summary = "Train a face encoder with the triplet loss",
       .examples =
           "likeness train siamese --data photos --init none --out run\n"
           "likeness train siamese --data photos --mining semi-hard --steps 20000 --out run\n"
           "likeness train siamese --data photos --init none --out run --resume\n"
           "torchrun --no-python --nproc-per-node 2 likeness train siamese --data photos --out "
           "run"},
      [options, &context] { return run_siamese(*options, context); });
  add_data_options(command, *options);
  add_network_options(command, *options);
  add_triplet_options(command, *options);
  add_descent_options(command, *options);
  add_run_options(command, *options);
  add_detector_options(command, options->run.detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
