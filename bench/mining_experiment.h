#pragma once

/// Does choosing hard triplets pay? The same network learns the same faces for the same number of
/// steps, once for each strategy and seed; only the choice of triplets differs.
///
///     const std::vector<MiningRun> runs = run_experiment(store, experiment);
///     const std::vector<StrategyMeasures> measures = compare_strategies(runs);

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/model/store.h>
#include <likeness/train/siamese_run.h>
#include <nlohmann/json_fwd.hpp>

namespace likeness::bench {

struct MiningExperiment {
  std::vector<std::string> strategies;  ///< names as `likeness train siamese --mining` takes them
  int seeds = 3;                        ///< 1, 2, … : weights, batches and augmentation
  SiameseOptions run;                   ///< what the runs have in common; `out` is their folder
};

/// What a block of steps measured in the mean.
struct ActiveShare {
  double step = 0;    ///< the block's middle
  double chosen = 0;  ///< share of the chosen triplets that cost something
  double of_all = 0;  ///< share of all triplets of a batch that do
};

struct MiningRun {
  std::string strategy;
  std::uint64_t seed = 0;
  std::vector<ActiveShare> active;
  std::vector<ValidationMeasures> validations;
  std::int64_t steps = 0;
  std::int64_t faces = 0;  ///< trained on
  std::int64_t identities = 0;
  std::int64_t validation_faces = 0;
  std::int64_t validation_identities = 0;
};

/// Trains in the folders OUT/STRATEGY-SEED; what is done already, by an earlier call with the same
/// settings, is not done again. One line on stderr for each run. Throws as train_siamese does.
std::vector<MiningRun> run_experiment(const ModelStore& store, const MiningExperiment& experiment);

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  ///< of a sample: divided by n − 1; 0 for one value
};
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

/// A strategy over all seeds, at the end of the runs.
struct StrategyMeasures {
  std::string strategy;
  MeanAndDeviation tar_1e2;
  MeanAndDeviation tar_1e3;
  MeanAndDeviation eer;
  /// TAR at FAR 1e-2 above that of `random` with the same seed, in shares; 0 for random itself.
  MeanAndDeviation gain;
  int better = 0;           ///< seeds in which it is above random
  double early_active = 0;  ///< mean share of active chosen triplets in the first tenth of steps
  double late_active = 0;   ///< and in the last tenth
  double late_of_all = 0;   ///< share of all triplets of a batch, last tenth
};

/// In the order of the runs. Requires a run of `random` for each seed.
std::vector<StrategyMeasures> compare_strategies(const std::vector<MiningRun>& runs);

nlohmann::ordered_json to_json(const std::vector<MiningRun>& runs);
/// Throws nlohmann::json::exception for anything else.
std::vector<MiningRun> runs_from(const nlohmann::ordered_json& json);

}  // namespace likeness::bench
