/// train_bench: what a step of training costs beside the network itself. Both take turns in one
/// run.

#include <chrono>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#include <likeness/core/random.h>
#include <likeness/model/store.h>
#include <likeness/train/fine_tuning.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/optimiser.h>
#include <likeness/train/trainer.h>
#include <nlohmann/json.hpp>

#include "machine.h"
#include "report.h"
#include "stopwatch.h"
#include "support/drawn_picture.h"
#include "support/temporary_folder.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Measures a whole step of training mobilefacenet (batches made ahead with augmentation, mining of
triplets, loss, log) against the bare one: forward, backward and optimiser on one fixed batch. Both
take turns; other work on the machine disturbs the clock, and hardly the processor time.

Examples:
  train_bench                             a table for people
  train_bench --rounds 20 --json          more rounds, for programs
  OMP_WAIT_POLICY=passive train_bench     on a machine that is busy with other work)";

constexpr const char* kExitCodes =
    R"(Exit codes: 0 measured (with --strict: and the bar is met), 1 the bar is missed, 2 error.)";

constexpr int kWarmUp = 4;  // more than the batches that a loader makes ahead

struct Options {
  int rounds = 5;
  int steps = 6;
  int people = 16;
  int pictures = 4;
  int threads = 2;
  bool json = false;
  bool strict = false;
};

/// Moments at which steps ended.
struct Lap {
  double wall_ms = 0;
  double processor_ms = 0;
};

Lap now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {.wall_ms = std::chrono::duration<double, std::milli>(wall).count(),
          .processor_ms =
              static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6};
}

/// Mean times of a step, once for each round.
struct Laps {
  std::vector<double> wall_ms;
  std::vector<double> processor_ms;
  void add(const Lap& begin, const Lap& end, int steps) {
    wall_ms.push_back((end.wall_ms - begin.wall_ms) / steps);
    processor_ms.push_back((end.processor_ms - begin.processor_ms) / steps);
  }
};

/// Remembers when each step ended.
struct StepClock : Progress {
  void update(std::int64_t) override { moments.push_back(now()); }
  std::vector<Lap> moments;  ///< the first is before the first step
};

/// Drawn faces with a margin, as align_faces makes them; every person in another light.
AlignedFaces drawn_people(std::int64_t people, std::int64_t pictures) {
  constexpr int kSize = 112 + 2 * (112 / 8);
  const Image picture = drawn_picture(kSize, kSize);
  AlignedFaces faces;
  faces.pixels = at::empty({people * pictures, kSize, kSize, 3}, at::kByte);
  auto* pixel = faces.pixels.data_ptr<std::uint8_t>();
  Random random(1);
  for (std::int64_t i = 0; i < people * pictures; ++i) {
    const std::int64_t person = i / pictures;
    if (i % pictures == 0) faces.identities.push_back(std::to_string(person));
    for (const std::uint8_t value : picture.pixels())
      *pixel++ = static_cast<std::uint8_t>(value / 2 + 2 * person % 64 + random.below(32));
    faces.rows.push_back(i);
    faces.labels.push_back(person);
    faces.pictures.push_back(std::to_string(i));
  }
  return faces;
}

/// mobilefacenet in one precision, trained in both ways.
class Contest {
 public:
  Contest(const ModelStore& store, bool bf16, const Options& options)
      : options_(options),
        store_(store),
        bf16_(bf16),
        faces_(training_crops(drawn_people(2 * options.people, 2 * options.pictures), {}, 112)),
        others_(training_crops(drawn_people(2, 2), {}, 112)) {}

  void whole(Laps& laps) const {
    const auto network = fresh();
    TrainerOptions training;
    training.sampler = {
        .identities = options_.people, .pictures = options_.pictures, .lone_pictures = 0};
    training.schedule.steps = kWarmUp + options_.steps;
    SiameseTrainer trainer(*network, *faces_, *others_, training);
    const TemporaryFolder run;
    StepClock clock;
    trainer.run({.folder = run.path(), .log = {}}, clock, nullptr);
    laps.add(clock.moments.at(kWarmUp), clock.moments.back(), options_.steps);
  }

  void bare(Laps& laps) const {
    const auto network = fresh();
    const FlatParameters parameters(network->module(), [](const std::string&) { return 1.0; });
    Optimiser optimiser(parameters, {});
    std::vector<std::int64_t> batch;
    for (std::int64_t i = 0; i < faces_in_batch(); ++i) batch.push_back(i);
    const at::Tensor input = faces_->varied(batch, 1, 1);
    network->module().train();
    Lap begin;
    for (int step = -2; step < options_.steps; ++step) {
      if (step == 0) begin = now();
      parameters.gradients().zero_();
      network->encode(input).square().mean().backward();
      optimiser.step(1e-6);
    }
    laps.add(begin, now(), options_.steps);
  }

  std::int64_t faces_in_batch() const { return std::int64_t{options_.people} * options_.pictures; }

 private:
  std::unique_ptr<SiameseNetwork> fresh() const {
    return fine_tuned_network(encoder_network(store_, "mobilefacenet"),
                              store_.manifest().find("mobilefacenet"), {.bf16 = bf16_}, c10::kCPU);
  }

  const Options& options_;
  const ModelStore& store_;
  bool bf16_;
  std::unique_ptr<TrainingFaces> faces_;
  std::unique_ptr<TrainingFaces> others_;
};

struct Result {
  std::string precision;
  Lap whole;  ///< medians, a step
  Lap bare;
  std::int64_t faces = 0;
};

Result measure(const ModelStore& store, bool bf16, const Options& options) {
  const Contest contest(store, bf16, options);
  Laps whole;
  Laps bare;
  for (int round = 0; round < options.rounds; ++round) {
    contest.whole(whole);
    contest.bare(bare);
  }
  return {.precision = bf16 ? "bf16" : "f32",
          .whole = {median(whole.wall_ms), median(whole.processor_ms)},
          .bare = {median(bare.wall_ms), median(bare.processor_ms)},
          .faces = contest.faces_in_batch()};
}

std::vector<Bar> bars_of(const std::vector<Result>& results) {
  std::vector<Bar> bars;
  for (const Result& r : results) {
    const auto add = [&](const char* clock, double share) {
      bars.push_back(
          {.what = "training step, " + r.precision + ": speed to the bare one's by " + clock,
           .measured = share,
           .limit = 0.7,
           .at_most = false});
    };
    add("the clock", r.bare.wall_ms / r.whole.wall_ms);
    add("processor time", r.bare.processor_ms / r.whole.processor_ms);
  }
  return bars;
}

std::string table(const std::vector<Result>& results) {
  std::string text =
      "| precision | whole step | bare step | whole, processor | bare, processor | faces/s |\n"
      "|---|---|---|---|---|---|\n";
  for (const Result& r : results)
    text += "| " + r.precision + " | " + number(r.whole.wall_ms, 0) + " ms | " +
            number(r.bare.wall_ms, 0) + " ms | " + number(r.whole.processor_ms, 0) + " ms | " +
            number(r.bare.processor_ms, 0) + " ms | " +
            number(1e3 * static_cast<double>(r.faces) / r.whole.wall_ms, 0) + " |\n";
  return text;
}

nlohmann::ordered_json json_of(const std::vector<Result>& results) {
  auto list = nlohmann::ordered_json::array();
  for (const Result& r : results)
    list.push_back({{"precision", r.precision},
                    {"batch", r.faces},
                    {"whole_ms", r.whole.wall_ms},
                    {"bare_ms", r.bare.wall_ms},
                    {"whole_processor_ms", r.whole.processor_ms},
                    {"bare_processor_ms", r.bare.processor_ms}});
  return list;
}

int run_bench(const Options& options) {
  keep_freed_memory();
  set_thread_count(options.threads);
  const ModelStore store;
  const Machine machine = this_machine();
  std::vector<Result> results;
  for (const bool bf16 : {false, true}) {
    std::cerr << "timing steps in " << (bf16 ? "bf16" : "f32") << "\n";
    results.push_back(measure(store, bf16, options));
  }
  const std::vector<Bar> bars = bars_of(results);
  if (options.json)
    std::cout << nlohmann::ordered_json{{"machine", to_json(machine)},
                                        {"threads", options.threads},
                                        {"steps", json_of(results)},
                                        {"bars", to_json(bars)}}
                     .dump(2)
              << "\n";
  else
    std::cout << to_text(machine) << "\nTraining mobilefacenet, " << options.people
              << " people with " << options.pictures << " pictures in a batch, " << options.threads
              << " threads; medians of " << options.rounds << " rounds of " << options.steps
              << " steps.\n\n"
              << table(results) << "\n"
              << to_text(bars);
  return options.strict && !all_met(bars) ? 1 : 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  const auto count = [&](const char* name, int& value, int smallest, const char* text) {
    app.add_option(name, value, text)->check(CLI::Range(smallest, 10'000))->capture_default_str();
  };
  count("--rounds", options.rounds, 1, "turns of each way");
  count("--steps", options.steps, 1, "steps of a turn that are timed");
  count("--p", options.people, 2, "people in a batch");
  count("--k", options.pictures, 2, "pictures of each of them");
  count("--threads", options.threads, 1, "threads of a tensor operation");
  app.add_flag("--json", options.json, "print JSON");
  app.add_flag("--strict", options.strict, "end with 1 when the bar is missed");
  CLI11_PARSE(app, argc, argv);
  return run_bench(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "train_bench: error: " << error.what() << '\n';
    return 2;
  }
}
