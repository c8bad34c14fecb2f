/// mining: random triplets against hard ones, on real faces.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/store.h>
#include <nlohmann/json.hpp>

#include "mining_experiment.h"
#include "mining_report.h"
#include "places.h"

namespace likeness::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAbout =
    R"(Trains the same network on the same faces for the same number of steps with each way to choose
triplets, several times, and compares what it learned about people whom it has never seen.

OUT gets results.json, two drawings and the folder of each run. Runs that are there already with
the same settings are not repeated, so a stopped experiment goes on where it was.

Examples:
  mining --out mining                                      the experiment of docs/measurements.md
  mining --out quick --steps 100 --seeds 1                 a minute, to try it
  mining --draw mining/results.json --out docs/images      table and figure again, without training)";

constexpr const char* kExitCodes =
    "Exit codes: 0 semi-hard and batch-hard are above random in the mean, 1 one is not, 2 error.";

struct Options {
  std::filesystem::path data = shared_folder() / "data/faces/celeba299";
  std::filesystem::path exclude = source_folder() / "bench/celeba299_in_lfw.txt";
  std::filesystem::path out;
  std::filesystem::path draw;
  std::vector<std::string> strategies = {"random",     "all",       "semi-hard",
                                         "batch-hard", "batch-all", "distance-weighted"};
  int seeds = 3;
  int size = 32;
  int p = 8;
  int k = 3;
  int steps = 600;
  int threads = 0;
};

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, std::size_t{1} << 20);
  std::vector<std::string> lines(1);
  for (const std::uint8_t byte : bytes) {
    if (byte == '\n')
      lines.emplace_back();
    else
      lines.back() += static_cast<char>(byte);
  }
  std::erase(lines, "");
  return lines;
}

MiningExperiment experiment_of(const Options& options) {
  MiningExperiment experiment{.strategies = options.strategies, .seeds = options.seeds, .run = {}};
  // What the others are compared with.
  if (std::find(options.strategies.begin(), options.strategies.end(), "random") ==
      options.strategies.end())
    experiment.strategies.insert(experiment.strategies.begin(), "random");
  SiameseOptions& run = experiment.run;
  run.data = options.data;
  run.out = options.out;
  run.exclude = read_lines(options.exclude);
  run.compact.size = options.size;
  run.validation_share = 0.2;
  // Few variations, so that a small network has learned what random triplets teach within minutes.
  run.augmentation = AugmentationOptions::none();
  run.augmentation.flip.probability = 0.5;
  TrainerOptions& trainer = run.trainer;
  trainer.sampler.identities = options.p;
  trainer.sampler.pictures = options.k;
  trainer.schedule.steps = options.steps;
  trainer.schedule.warm_up = std::max(1, options.steps / 20);
  trainer.validate_every = std::max(1, options.steps / 10);
  trainer.checkpoint_every = trainer.validate_every;
  return experiment;
}

std::vector<MiningRun> all_runs(const Options& options) {
  constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  if (options.draw.empty()) return run_experiment(ModelStore(), experiment_of(options));
  const Bytes bytes = read_file(options.draw, kMostBytes);
  return runs_from(Json::parse(bytes.begin(), bytes.end()));
}

bool hard_ones_are_better(const std::vector<StrategyMeasures>& measures) {
  return std::none_of(measures.begin(), measures.end(), [](const StrategyMeasures& one) {
    return (one.strategy == "semi-hard" || one.strategy == "batch-hard") && one.gain.mean <= 0;
  });
}

int run_mining(const Options& options) {
  std::filesystem::create_directories(options.out);
  set_thread_count(options.threads);
  const std::vector<MiningRun> runs = all_runs(options);
  const std::vector<StrategyMeasures> measures = compare_strategies(runs);
  if (options.draw.empty()) write_file(options.out / "results.json", to_json(runs).dump() + "\n");
  write_file(options.out / "mining-active.svg", active_svg(runs));
  write_file(options.out / "mining-validation.svg", validation_svg(runs));
  std::cout << to_table(runs, measures);
  return hard_ones_are_better(measures) ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  app.add_option("--data", options.data, "folder with one folder of photos for each person")
      ->capture_default_str();
  app.add_option("--exclude", options.exclude, "file with identities to leave out, one a line")
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for results and runs")->required();
  app.add_option("--draw", options.draw, "results.json to read instead of training");
  app.add_option("--strategies", options.strategies, "to compare, besides random")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--seeds", options.seeds, "runs of each strategy")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--size", options.size, "of the compact encoder's input")
      ->check(CLI::Range(32, 112))
      ->capture_default_str();
  app.add_option("--p", options.p, "people in a batch")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  app.add_option("--k", options.k, "pictures of each of them")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  app.add_option("--steps", options.steps, "of each run")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads to compute with, 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run_mining(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "mining: error: " << error.what() << '\n';
    return 2;
  }
}
