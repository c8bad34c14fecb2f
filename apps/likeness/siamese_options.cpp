#include "siamese_options.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/process_place.h>

#include "networks.h"

namespace likeness::cli {
namespace {

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

void add_data_options(CLI::App& command, SiameseCommand& options) {
  command
      .add_option("--data", options.data,
                  "Folder with one folder of photos for each person, or a CSV file path,identity")
      ->type_name("DIR|CSV")
      ->required();
  command.add_option("--exclude", options.exclude, "File with identities to leave out, one a line")
      ->type_name("FILE");
  command
      .add_option(
          "--benchmark", options.benchmarks,
          "What the model will be judged on: folders of identities, compared by name and by "
          "face, or lists of names; who is in them is left out and named")
      ->type_name("DIR|LIST");
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
  AugmentationOptions::Pose& pose = options.run.augmentation.pose;
  command
      .add_option("--turned", pose.probability,
                  "Share of the faces whose head is turned, for photos from the side")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str();
  command.add_option("--turn", pose.degrees, "How far at most, in degrees to either side")
      ->type_name("DEGREES")
      ->check(CLI::Range(0.0, 80.0).description(""))
      ->capture_default_str();
}

void add_network_options(CLI::App& command, SiameseCommand& options) {
  command
      .add_option(
          "--init", options.run.init,
          "What to start from: none (a compact encoder with random weights), a face encoder, or "
          "the folder of one that was trained here")
      ->type_name("none|ID|RUN")
      ->capture_default_str();
  command
      .add_option("--train", options.train,
                  "What learns: network, or head (a linear map behind the frozen --init)")
      ->type_name("PART")
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
  FineTuningOptions& tuning = options.run.fine_tuning;
  command
      .add_option("--freeze", tuning.freeze,
                  "Last layer of --init that does not learn, counted from the picture; a name that "
                  "is wrong lists them")
      ->type_name("LAYER");
  command
      .add_option("--layer-decay", tuning.layer_decay,
                  "Learning rate of each layer of --init as a share of the next one's")
      ->type_name("X")
      ->capture_default_str();
  command
      .add_option("--distil", tuning.distil,
                  "Weight in the loss of the squared distance to what --init makes of each face "
                  "unchanged: keeps what it can do; 1 is much")
      ->type_name("X")
      ->capture_default_str();
  command.add_flag("--bf16", options.run.bf16, "Compute convolutions in bfloat16");
}

void add_head_options(CLI::App& command, SiameseCommand& options) {
  HeadOptions& head = options.run.head;
  command
      .add_option("--head-start", options.head_start,
                  "Where a head starts: identity, or wccn (whitens the differences between photos "
                  "of one person)")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--shrinkage", head.shrinkage,
                  "How far wccn is drawn to the identity: 0 not at all, 1 all the way")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str();
  command
      .add_option("--keep", head.keep,
                  "Weight of the head's squared distance from its start in the loss")
      ->type_name("X")
      ->capture_default_str();
  command
      .add_option("--views", head.views,
                  "Variations of each training face that a head learns from beside the face itself")
      ->type_name("N")
      ->check(CLI::Range(0, 1000).description(""))
      ->capture_default_str();
  command.add_flag("--bias", head.bias, "Let the head learn a shift as well");
}

void add_triplet_options(CLI::App& command, SiameseCommand& options) {
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
  command
      .add_option("--pair-loss", options.run.pair_loss.weight,
                  "Weight of a pair classifier's loss beside that of the triplets: it learns "
                  "together with the encoder; 0: none")
      ->type_name("WEIGHT")
      ->capture_default_str();
  command
      .add_option("--pair-form", options.pair_form,
                  "What that classifier looks at: absolute or chi-squared")
      ->type_name("FORM")
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

void add_descent_options(CLI::App& command, SiameseCommand& options) {
  TrainerOptions& trainer = options.run.trainer;
  CLI::Option* steps = command.add_option(
      "--steps", options.steps, "Steps of the run (default 10000, with --init MODEL 2000)");
  steps->type_name("N");
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
  command
      .add_option("--learning-rate", options.learning_rate,
                  "The highest learning rate (default 1e-3, head 1e-4, with --init MODEL 3e-5)")
      ->type_name("X");
  command
      .add_option("--warm-up", options.warm_up,
                  "Steps until it is reached (default 500, with --init MODEL 100)")
      ->type_name("N");
  command
      .add_option("--weight-decay", options.weight_decay,
                  "Weight decay of filters and matrices (default 0.05, with --init MODEL 0)")
      ->type_name("X");
  number("--momentum", trainer.optimiser.momentum, "Momentum of sgd");
  number("--clip", trainer.clip, "Longest gradient; 0: any");
  number("--average", trainer.average, "Decay of the moving average of the weights; 0: none");
  count("--accumulate", trainer.accumulation, "Batches whose gradients make one step");
  count("--seed", trainer.seed, "Seed of all that is random");
}

void add_run_options(CLI::App& command, SiameseCommand& options) {
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

struct UsualValues {
  std::int64_t steps;
  std::int64_t warm_up;
  double learning_rate;
  double weight_decay;
};

UsualValues usual_values(const SiameseOptions& run) {
  if (run.trained == Trained::head)
    return {.steps = 2000, .warm_up = 100, .learning_rate = 1e-4, .weight_decay = 0};
  if (run.init != "none")
    return {.steps = 2000, .warm_up = 100, .learning_rate = 3e-5, .weight_decay = 0};
  return {.steps = 10'000, .warm_up = 500, .learning_rate = 1e-3, .weight_decay = 0.05};
}

/// One of `names` as its place in the list.
std::size_t choice(const char* option, const std::string& value,
                   const std::vector<std::string>& names) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == value) return i;
    known += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  throw Error(ErrorCode::invalid_argument,
              std::string(option) + " " + value + ": not known; use " + known);
}

/// The processes of a machine share its cores and take a GPU each; process 0 alone shows progress.
void share_machine(const ProcessPlace& place, CommandContext& context) {
  if (context.threads == 0) context.threads = std::max(1, core_count() / place.local_size);
  if (context.device == "cuda" || context.device == "auto")
    if (choose_device(context.device).is_cuda())
      context.device = "cuda:" + std::to_string(place.local_rank);
  context.quiet = context.quiet || place.rank > 0;
}

SiameseOptions run_options(const SiameseCommand& options, CommandContext& context) {
  SiameseOptions run = options.run;
  run.data = options.data;
  run.out = options.out;
  run.log = options.log;
  run.trainer.loss.soft_margin = choice("--loss", options.loss, {"triplet", "triplet-soft"}) == 1;
  run.trainer.mining.strategy = mining_from_name(options.mining);
  run.pair_loss.form = parse_pair_form(options.pair_form);
  run.trainer.optimiser.algorithm = algorithm_from_name(options.optimiser);
  const bool full = choice("--weights", options.weights, {"fp16", "f32"}) == 1;
  run.precision = full ? Precision::full : Precision::half;
  const bool head = choice("--train", options.train, {"network", "head"}) == 1;
  run.trained = head ? Trained::head : Trained::network;
  const bool wccn = choice("--head-start", options.head_start, {"identity", "wccn"}) == 1;
  run.head.start = wccn ? HeadStart::wccn : HeadStart::identity;
  const UsualValues usual = usual_values(run);
  run.trainer.schedule.steps = options.steps.value_or(usual.steps);
  run.trainer.schedule.warm_up = options.warm_up.value_or(usual.warm_up);
  run.trainer.schedule.highest = options.learning_rate.value_or(usual.learning_rate);
  run.trainer.optimiser.weight_decay = options.weight_decay.value_or(usual.weight_decay);
  run.trainer.validate_start = run.init != "none";
  if (!options.exclude.empty()) run.exclude = read_names(options.exclude);
  run.benchmarks.assign(options.benchmarks.begin(), options.benchmarks.end());
  switch_off(run.augmentation, options.without);
  run.processes = process_place();
  if (run.processes) share_machine(*run.processes, context);
  run.process_timeout = std::chrono::seconds(options.process_timeout);
  run.trainer.device = context.prepare_device();
  run.trainer.loader_threads = run.trainer.device.is_cpu() ? 1 : core_count();
  run.threads = context.threads;
  run.command = context.command_line;
  return run;
}

void add_siamese_options(CLI::App& command, SiameseCommand& options) {
  add_data_options(command, options);
  add_network_options(command, options);
  add_head_options(command, options);
  add_triplet_options(command, options);
  add_descent_options(command, options);
  add_run_options(command, options);
  add_detector_options(command, options.run.detector);
}

}  // namespace likeness::cli
