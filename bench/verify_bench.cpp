/// verify_bench: what `likeness verify` costs on two photos of a megapixel, from its start to its
/// end, and whether it gives the same distance every time and with any number of threads.

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <nlohmann/json.hpp>

#include "machine.h"
#include "places.h"
#include "report.h"
#include "stopwatch.h"
#include "support/temporary_folder.h"
#include "whole_process.h"

namespace likeness::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAbout =
    R"(Measures `likeness verify` on two photos, scaled to a megapixel: time and memory of the whole
process, and whether the distance is the same in every run, with one thread and with two.

Examples:
  verify_bench                                 the photos of the demonstration (tools/photos.sh)
  verify_bench anna.jpg ben.jpg --runs 20      photos of your own
  verify_bench --json --strict > now.json)";

constexpr const char* kExitCodes =
    "Exit codes: 0 measured, or skipped for want of photos; 1 distances differ (or, with "
    "--strict,\n"
    "a bar is missed); 2 error.";

constexpr double kSameDistance = 1e-4;

struct Options {
  std::filesystem::path program = LIKENESS_PROGRAM;
  std::filesystem::path photo_a = source_folder() / "demo/photos/sample3.jpg";
  std::filesystem::path photo_b = source_folder() / "demo/photos/sample6.jpg";
  int runs = 9;
  bool json = false;
  bool strict = false;
};

/// All runs with one number of threads.
struct Series {
  int threads = 0;  ///< 0: what the program chooses
  std::vector<ProcessCost> costs = {};
  std::vector<double> distances = {};

  double median_of(double ProcessCost::*member) const {
    std::vector<double> values;
    for (const ProcessCost& cost : costs) values.push_back(cost.*member);
    return median(std::move(values));
  }
  double largest_of(double ProcessCost::*member) const {
    double largest = 0;
    for (const ProcessCost& cost : costs) largest = std::max(largest, cost.*member);
    return largest;
  }
};

void write_megapixel(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Image photo = read_image(from);
  const double scale = std::sqrt(1e6 / (static_cast<double>(photo.width()) * photo.height()));
  write_image(to, resize(photo, static_cast<int>(std::lround(photo.width() * scale)),
                         static_cast<int>(std::lround(photo.height() * scale))));
}

/// The commands take turns, so that other work on the machine hits all alike.
std::vector<Series> measure(const Options& options) {
  const TemporaryFolder folder;
  const auto a = folder.path() / "a.jpg";
  const auto b = folder.path() / "b.jpg";
  write_megapixel(options.photo_a, a);
  write_megapixel(options.photo_b, b);

  std::vector<Series> all = {{.threads = 0}, {.threads = 1}, {.threads = 2}};
  const auto command = [&](const Series& series) {
    return std::vector<std::string>{
        options.program, "verify", a, b, "--json", "--threads", std::to_string(series.threads)};
  };
  run_whole(command(all.front()), folder.path());  // reads program and weights from the disk
  for (int run = 0; run < options.runs; ++run)
    for (Series& series : all) {
      ProcessCost cost = run_whole(command(series), folder.path());
      if (cost.exit_code > 1)
        throw Error(ErrorCode::unavailable, options.program.string() + " verify: exit code " +
                                                std::to_string(cost.exit_code) +
                                                "; its message is above");
      series.distances.push_back(Json::parse(cost.output).at("distance").get<double>());
      series.costs.push_back(std::move(cost));
    }
  return all;
}

double largest_difference(const std::vector<Series>& all) {
  std::vector<double> distances;
  for (const Series& series : all)
    distances.insert(distances.end(), series.distances.begin(), series.distances.end());
  const auto [smallest, largest] = std::minmax_element(distances.begin(), distances.end());
  return *largest - *smallest;
}

std::vector<Bar> bars_of(const std::vector<Series>& all) {
  const Series& usual = all.front();
  return {{.what = "time of the whole process, median",
           .measured = usual.median_of(&ProcessCost::wall_ms) / 1e3,
           .limit = 1.2,
           .unit = " s"},
          {.what = "memory at its largest",
           .measured = usual.largest_of(&ProcessCost::peak_mb),
           .limit = 700,
           .unit = " MB"}};
}

std::string to_text(const std::vector<Series>& all, const std::vector<Bar>& bars, int runs) {
  std::string text = to_text(this_machine()) + "likeness verify, two photos of 1 MP, " +
                     std::to_string(runs) + " runs each.\n\n";
  text += "| threads | median s | processor s | largest MB | distance |\n|---|---|---|---|---|\n";
  for (const Series& series : all)
    text += "| " + (series.threads == 0 ? "all" : std::to_string(series.threads)) + " | " +
            number(series.median_of(&ProcessCost::wall_ms) / 1e3, 2) + " | " +
            number(series.median_of(&ProcessCost::processor_ms) / 1e3, 2) + " | " +
            number(series.largest_of(&ProcessCost::peak_mb), 0) + " | " +
            number(median(series.distances), 6) + " |\n";
  std::array<char, 32> difference{};
  std::snprintf(difference.data(), difference.size(), "%.1e", largest_difference(all));
  return text + "\nLargest difference between two distances: " + difference.data() + "\n\n" +
         to_text(bars);
}

Json to_json(const std::vector<Series>& all, const std::vector<Bar>& bars, int runs) {
  Json list = Json::array();
  for (const Series& series : all)
    list.push_back({{"threads", series.threads},
                    {"wall_ms", series.median_of(&ProcessCost::wall_ms)},
                    {"processor_ms", series.median_of(&ProcessCost::processor_ms)},
                    {"peak_mb", series.largest_of(&ProcessCost::peak_mb)},
                    {"distance", median(series.distances)}});
  return {{"machine", to_json(this_machine())},
          {"runs", runs},
          {"series", list},
          {"largest_difference", largest_difference(all)},
          {"bars", to_json(bars)}};
}

int run_bench(const Options& options) {
  for (const auto& photo : {options.photo_a, options.photo_b}) {
    if (std::filesystem::exists(photo)) continue;
    std::cerr << "verify_bench: skipped: no " << photo.string()
              << "; tools/photos.sh fetches the photos of the demonstration, or name two others\n";
    return 0;
  }
  const std::vector<Series> all = measure(options);
  const std::vector<Bar> bars = bars_of(all);
  std::cout << (options.json ? to_json(all, bars, options.runs).dump(2) + "\n"
                             : to_text(all, bars, options.runs));
  if (!(largest_difference(all) <= kSameDistance)) {
    std::cerr << "verify_bench: the distances differ by more than " << kSameDistance << "\n";
    return 1;
  }
  return options.strict && !all_met(bars) ? 1 : 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  app.add_option("A", options.photo_a, "first photo")->capture_default_str();
  app.add_option("B", options.photo_b, "second photo")->capture_default_str();
  app.add_option("--program", options.program, "the program likeness")->capture_default_str();
  app.add_option("--runs", options.runs, "runs with each number of threads")
      ->check(CLI::Range(2, 10'000))
      ->capture_default_str();
  app.add_flag("--json", options.json, "print JSON");
  app.add_flag("--strict", options.strict, "end with 1 when a bar is missed");
  CLI11_PARSE(app, argc, argv);
  return run_bench(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "verify_bench: error: " << error.what() << '\n';
    return 2;
  }
}
