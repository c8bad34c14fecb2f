#include "mining_experiment.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/train/training_log.h>
#include <nlohmann/json.hpp>

namespace likeness::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBlocks = 50;  ///< points of a curve

/// The steps' shares in the mean of blocks.
std::vector<ActiveShare> blocks_of(const std::vector<StepMeasures>& steps) {
  const std::size_t length = std::max<std::size_t>(1, steps.size() / kBlocks);
  std::vector<ActiveShare> blocks;
  for (std::size_t begin = 0; begin < steps.size(); begin += length) {
    const std::size_t end = std::min(begin + length, steps.size());
    ActiveShare block;
    for (std::size_t i = begin; i < end; ++i) {
      const double share = 1.0 / static_cast<double>(end - begin);
      block.step += share * static_cast<double>(steps[i].step);
      block.chosen += share * steps[i].mining.active;
      block.of_all += share * steps[i].mining.active_of_all;
    }
    blocks.push_back(block);
  }
  return blocks;
}

MiningRun run_one(const ModelStore& store, const MiningExperiment& experiment,
                  const std::string& strategy, std::uint64_t seed) {
  SiameseOptions options = experiment.run;
  options.out /= strategy + "-" + std::to_string(seed);
  options.resume = true;
  options.trainer.seed = seed;
  options.trainer.mining.strategy = mining_from_name(strategy);
  Progress silent;
  const SiameseResult result = train_siamese(store, options, silent, nullptr);
  const TrainingHistory history = read_training_log(options.out / "log.jsonl");
  return {.strategy = strategy,
          .seed = seed,
          .active = blocks_of(history.steps),
          .validations = history.validations,
          .steps = result.training.steps,
          .faces = result.faces,
          .identities = result.identities,
          .validation_faces = result.validation_faces,
          .validation_identities = result.validation_identities};
}

/// The mean of `value` over the blocks from share `from` to share `to` of the run.
template <class Value>
double mean_over(const MiningRun& run, double from, double to, Value value) {
  double sum = 0;
  int count = 0;
  for (const ActiveShare& block : run.active) {
    const double place = block.step / static_cast<double>(run.steps);
    if (place < from || place > to) continue;
    sum += value(block);
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

std::vector<const MiningRun*> runs_of(const std::vector<MiningRun>& runs,
                                      const std::string& strategy) {
  std::vector<const MiningRun*> found;
  for (const MiningRun& run : runs)
    if (run.strategy == strategy) found.push_back(&run);
  return found;
}

template <class Value>
std::vector<double> values_of(const std::vector<const MiningRun*>& runs, Value value) {
  std::vector<double> values;
  for (const MiningRun* run : runs) values.push_back(value(*run));
  return values;
}

double mean_of(const std::vector<double>& values) {
  return mean_and_deviation(values).mean;
}

double last_tar(const MiningRun& run) {
  LIKENESS_CHECK(!run.validations.empty());
  return run.validations.back().tar_1e2;
}

StrategyMeasures measure(const std::vector<MiningRun>& all, const std::string& strategy) {
  const std::vector<const MiningRun*> runs = runs_of(all, strategy);
  std::map<std::uint64_t, double> of_random;
  for (const MiningRun* run : runs_of(all, "random")) of_random[run->seed] = last_tar(*run);
  const std::vector<double> gains =
      values_of(runs, [&](const MiningRun& run) { return last_tar(run) - of_random.at(run.seed); });

  StrategyMeasures measures;
  measures.strategy = strategy;
  measures.tar_1e2 = mean_and_deviation(values_of(runs, last_tar));
  measures.tar_1e3 = mean_and_deviation(
      values_of(runs, [](const MiningRun& run) { return run.validations.back().tar_1e3; }));
  measures.eer = mean_and_deviation(
      values_of(runs, [](const MiningRun& run) { return run.validations.back().eer; }));
  measures.gain = mean_and_deviation(gains);
  measures.better = static_cast<int>(
      std::count_if(gains.begin(), gains.end(), [](double gain) { return gain > 0; }));
  const auto chosen = [](const ActiveShare& block) { return block.chosen; };
  const auto of_all = [](const ActiveShare& block) { return block.of_all; };
  measures.early_active = mean_of(
      values_of(runs, [&](const MiningRun& run) { return mean_over(run, 0, 0.1, chosen); }));
  measures.late_active = mean_of(
      values_of(runs, [&](const MiningRun& run) { return mean_over(run, 0.9, 1, chosen); }));
  measures.late_of_all = mean_of(
      values_of(runs, [&](const MiningRun& run) { return mean_over(run, 0.9, 1, of_all); }));
  return measures;
}

}  // namespace

std::vector<MiningRun> run_experiment(const ModelStore& store, const MiningExperiment& experiment) {
  std::vector<MiningRun> runs;
  for (int seed = 1; seed <= experiment.seeds; ++seed)
    for (const std::string& strategy : experiment.strategies) {
      runs.push_back(run_one(store, experiment, strategy, static_cast<std::uint64_t>(seed)));
      std::cerr << "mining: " << strategy << ", seed " << seed << ": TAR at FAR 1e-2 "
                << 100 * last_tar(runs.back()) << " %" << std::endl;
    }
  return runs;
}

MeanAndDeviation mean_and_deviation(const std::vector<double>& values) {
  MeanAndDeviation result;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / count;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (count - 1));
  return result;
}

std::vector<StrategyMeasures> compare_strategies(const std::vector<MiningRun>& runs) {
  std::vector<StrategyMeasures> measures;
  for (const MiningRun& run : runs)
    if (std::none_of(measures.begin(), measures.end(),
                     [&](const auto& one) { return one.strategy == run.strategy; }))
      measures.push_back(measure(runs, run.strategy));
  return measures;
}

Json to_json(const std::vector<MiningRun>& runs) {
  Json list = Json::array();
  for (const MiningRun& run : runs) {
    Json active = Json::array();
    for (const ActiveShare& block : run.active)
      active.push_back({block.step, block.chosen, block.of_all});
    Json validations = Json::array();
    for (const ValidationMeasures& one : run.validations)
      validations.push_back(Json::parse(to_json(one)));
    list.push_back({{"strategy", run.strategy},
                    {"seed", run.seed},
                    {"steps", run.steps},
                    {"faces", run.faces},
                    {"identities", run.identities},
                    {"validation_faces", run.validation_faces},
                    {"validation_identities", run.validation_identities},
                    {"active", active},
                    {"validations", validations}});
  }
  return list;
}

std::vector<MiningRun> runs_from(const Json& json) {
  std::vector<MiningRun> runs;
  for (const Json& entry : json) {
    MiningRun run;
    run.strategy = entry.at("strategy");
    run.seed = entry.at("seed");
    run.steps = entry.at("steps");
    run.faces = entry.at("faces");
    run.identities = entry.at("identities");
    run.validation_faces = entry.at("validation_faces");
    run.validation_identities = entry.at("validation_identities");
    for (const Json& block : entry.at("active"))
      run.active.push_back({.step = block.at(0), .chosen = block.at(1), .of_all = block.at(2)});
    for (const Json& one : entry.at("validations"))
      run.validations.push_back(parse_validation(one.dump()));
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace likeness::bench
