#include "siamese_options.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/process_place.h>

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

/// What those options stand for that are not given.
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
    return {.steps = 2000, .warm_up = 100, .learning_rate = 1e-5, .weight_decay = 0};
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

}  // namespace

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
  run.trainer.take_last = choice("--result", options.result, {"best", "last"}) == 1;
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

}  // namespace likeness::cli
