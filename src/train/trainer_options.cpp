#include "train/trainer_options.h"

#include <cmath>
#include <sstream>

#include <likeness/core/error.h>

namespace likeness {
namespace {

void require(bool condition, const std::string& what) {
  if (!condition) throw Error(ErrorCode::invalid_argument, what);
}

}  // namespace

std::string exact_text(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

void check_trainer_options(const TrainerOptions& options) {
  const int fewest = options.validate_start ? 0 : 1;
  require(options.schedule.steps >= fewest, "--steps must be at least " + std::to_string(fewest));
  require(options.schedule.highest > 0 && std::isfinite(options.schedule.highest),
          "--learning-rate must be above 0");
  require(options.schedule.warm_up >= 0, "--warm-up must not be negative");
  require(options.loss.margin >= 0 && options.loss.margin <= 4,
          "--margin " + exact_text(options.loss.margin) +
              ": squared distances lie between 0 and 4, 0.2 is usual");
  require(options.average >= 0 && options.average < 1, "--average must lie in [0, 1)");
  require(options.accumulation >= 1, "--accumulate must be at least 1");
  require(options.validate_every >= 1 && options.checkpoint_every >= 1,
          "--validate-every and --checkpoint-every must be at least 1");
  require(options.memory >= 0, "--memory must not be negative");
  require(options.patience == 0 || !options.take_last,
          "--patience waits for a better validation, which --result last does not look for");
}

RunSettings settings_of(const TrainerOptions& o) {
  check_trainer_options(o);
  return {{"p", std::to_string(o.sampler.identities)},
          {"k", std::to_string(o.sampler.pictures)},
          {"lone pictures", std::to_string(o.sampler.lone_pictures)},
          {"mining", std::string(to_string(o.mining.strategy))},
          {"margin", exact_text(o.loss.margin)},
          {"soft margin", o.loss.soft_margin ? exact_text(o.loss.sharpness) : "no"},
          {"reduction", std::to_string(static_cast<int>(o.loss.reduction))},
          {"memory", std::to_string(o.memory)},
          {"optimiser", std::string(to_string(o.optimiser.algorithm))},
          {"weight decay", exact_text(o.optimiser.weight_decay)},
          {"momentum", exact_text(o.optimiser.momentum)},
          {"learning rate", exact_text(o.schedule.highest)},
          {"warm-up", std::to_string(o.schedule.warm_up)},
          {"steps", std::to_string(o.schedule.steps)},
          {"clip", exact_text(o.clip)},
          {"average", exact_text(o.average)},
          {"accumulate", std::to_string(o.accumulation)},
          {"validate every", std::to_string(o.validate_every)},
          {"validate start", o.validate_start ? "yes" : "no"},
          {"result", o.take_last ? "last" : "best"},
          {"patience", std::to_string(o.patience)},
          {"patience FAR", exact_text(o.patience_far)},
          {"seed", std::to_string(o.seed)}};
}

}  // namespace likeness
