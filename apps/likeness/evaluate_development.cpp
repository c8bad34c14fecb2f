/// likeness evaluate calibration, likeness evaluate fusion: what is learned from development pairs.

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/development.h>
#include <likeness/faces/calibration.h>
#include <likeness/model/manifest.h>
#include <nlohmann/json.hpp>

#include "evaluate_command.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DevelopmentOptions {
  std::string images;
  std::vector<std::string> pairs;
  std::vector<std::string> models;
  std::string output;
  DetectorOptions detector;
};

std::vector<std::string> development_pictures(const DevelopmentOptions& options) {
  std::vector<PairList> lists;
  for (const std::string& path : options.pairs) lists.push_back(read_pairs(path));
  return pictures_of(lists);
}

std::vector<std::string> open_face_encoders(ModelStore& store,
                                            const std::vector<std::string>& models) {
  std::vector<std::string> ids;
  for (const std::string& model : models) ids.push_back(open_face_encoder(store, model));
  return ids;
}

ScoreSet measure_distances(const ModelStore& store, const std::string& model,
                           const std::vector<std::string>& pictures,
                           const DevelopmentOptions& options, CommandContext& context) {
  const EvaluationNetworks networks(store, model, options.detector, {}, context);
  return all_pair_distances(networks.encode(options.images, pictures, context));
}

void add_development_options(CLI::App& command, CommandContext& context,
                             DevelopmentOptions& options) {
  add_images_option(command, options.images);
  command
      .add_option("--pairs", options.pairs,
                  "Lists whose pictures are compared, each with each: LFW's pairsDevTrain.txt and "
                  "pairsDevTest.txt, never a list that is tested on")
      ->type_name("FILE")
      ->required();
  add_detector_options(command, options.detector);
  add_compute_options(command, context);
}

// Calibration

std::vector<std::string> all_face_encoders() {
  std::vector<std::string> models;
  for (const ModelEntry& entry : builtin_manifest().models)
    if (entry.task == "face encoder") models.push_back(entry.id);
  return models;
}

/// What is in the file already; nothing when there is no file.
std::vector<Calibration> read_calibrations(const std::string& path) {
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  if (!std::filesystem::exists(path)) return {};
  const Bytes bytes = read_file(path, kMaxBytes);
  return parse_calibrations({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

/// Replaces the entry of the same model; keeps the models in the order of their names.
void put(std::vector<Calibration>& calibrations, Calibration calibration) {
  std::erase_if(calibrations, [&](const auto& old) { return old.model == calibration.model; });
  const auto place = std::find_if(calibrations.begin(), calibrations.end(), [&](const auto& other) {
    return other.model > calibration.model;
  });
  calibrations.insert(place, std::move(calibration));
}

constexpr double kShownRates[] = {1e-2, 1e-3, 1e-4, 1e-5};

bool supports(const Calibration& calibration, double fmr) {
  return fmr >= calibration.points.front().fmr;
}

Json to_json_summary(const Calibration& calibration) {
  Json thresholds = Json::array();
  for (const double fmr : kShownRates)
    if (supports(calibration, fmr))
      thresholds.push_back({{"fmr", fmr}, {"threshold", calibration.threshold_at(fmr)}});
  return {{"model", calibration.model},
          {"genuine_pairs", calibration.genuine_pairs},
          {"impostor_pairs", calibration.impostor_pairs},
          {"default_threshold", calibration.default_threshold},
          {"fmr", calibration.fmr_at(calibration.default_threshold)},
          {"slope", calibration.slope},
          {"offset", calibration.offset},
          {"thresholds", thresholds}};
}

std::string to_text(const Calibration& calibration) {
  std::string text = calibration.model + ": " + std::to_string(calibration.genuine_pairs) +
                     " pairs of one person, " + std::to_string(calibration.impostor_pairs) +
                     " of different people\n";
  const auto line = [&](const std::string& name, float threshold) {
    text += "  " + name + "  threshold " + fixed(threshold, 4) + "  FMR " +
            one_in(calibration.fmr_at(threshold)) + "  probability there " +
            fixed(calibration.probability(threshold), 3) + "\n";
  };
  line("default ", calibration.default_threshold);
  for (const double fmr : kShownRates) {
    if (!supports(calibration, fmr)) continue;
    line("FMR 1e-" + std::to_string(std::lround(-std::log10(fmr))), calibration.threshold_at(fmr));
  }
  return text;
}

int run_calibration(const DevelopmentOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  std::vector<std::string> models = open_face_encoders(store, options.models);
  if (models.empty()) models = all_face_encoders();
  check_images(options.images);
  const std::vector<std::string> pictures = development_pictures(options);
  std::vector<Calibration> calibrations = read_calibrations(options.output);
  check_writable(options.output);

  Json summaries = Json::array();
  for (const std::string& model : models) {
    ScoreSet distances = measure_distances(store, model, pictures, options, context);
    Calibration calibration =
        fit_calibration(model, distances.genuine, std::move(distances.impostor));
    if (context.json)
      summaries.push_back(to_json_summary(calibration));
    else
      context.print(to_text(calibration));
    put(calibrations, std::move(calibration));
    write_file(options.output, to_json(calibrations));
  }
  if (context.json)
    context.print_json({{"output", options.output}, {"calibrations", summaries}});
  else
    context.print("written to " + options.output + "\n");
  return kOk;
}

// Fusion

struct FusionRow {
  double share = 0;
  Roc roc;
};

Json to_json(const FusionRow& row) {
  return {{"share", row.share},
          {"eer", row.roc.equal_error_rate()},
          {"tar", {{"1e-3", row.roc.at_far(1e-3).tar}, {"1e-4", row.roc.at_far(1e-4).tar}}}};
}

std::string to_text(const FusionRow& row) {
  return "  " + fixed(row.share, 3) + "  " + fixed(100 * row.roc.equal_error_rate(), 3) + " %  " +
         fixed(100 * row.roc.at_far(1e-3).tar, 2) + " %  " +
         fixed(100 * row.roc.at_far(1e-4).tar, 2) + " %\n";
}

int run_fusion(const DevelopmentOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::vector<std::string> models = open_face_encoders(store, options.models);
  check_images(options.images);
  const std::vector<std::string> pictures = development_pictures(options);
  const ScoreSet first = measure_distances(store, models[0], pictures, options, context);
  const ScoreSet second = measure_distances(store, models[1], pictures, options, context);

  const double best = best_share(first, second);
  Json rows = Json::array();
  std::string table = "  share  equal error  TAR at FAR 1e-3  and 1e-4\n";
  for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0, best}) {
    const FusionRow row{share, roc_curve(joined_distances(first, second, share))};
    rows.push_back(to_json(row));
    table += to_text(row);
  }
  if (context.json)
    context.print_json({{"models", models},
                        {"genuine_pairs", first.genuine.size()},
                        {"impostor_pairs", first.impostor.size()},
                        {"share", best},
                        {"weights", {std::sqrt(best), std::sqrt(1 - best)}},
                        {"rows", rows}});
  else
    context.print(models[0] + " and " + models[1] + " on " + std::to_string(first.genuine.size()) +
                  " pairs of one person and " + std::to_string(first.impostor.size()) +
                  " of different people\n" + table + "best share of " + models[0] +
                  ": w² = " + fixed(best, 4) + ", weights w = " + fixed(std::sqrt(best), 4) +
                  " and " + fixed(std::sqrt(1 - best), 4) + "\n");
  return kOk;
}

}  // namespace

void add_calibration_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<DevelopmentOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "calibration",
       .summary = "Find thresholds, false-match rates and probabilities on development pictures",
       .examples = "likeness evaluate calibration --images lfw --pairs pairsDevTrain.txt "
                   "-o models/calibration.json"},
      [options, &context] { return run_calibration(*options, context); });
  command
      .add_option("-o,--output", options->output,
                  "Calibration file; entries of other models in it are kept")
      ->type_name("FILE.json")
      ->required();
  command.add_option("--model", options->models, "Face encoders (default: all)")->type_name("ID");
  add_development_options(command, context, *options);
}

void add_fusion_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<DevelopmentOptions>();
  options->models = {"mobilefacenet", "resnet"};
  CLI::App& command = *add_command(
      parent, context,
      {.name = "fusion",
       .summary = "Find the weights with which two encoders are joined, on development pictures",
       .examples = "likeness evaluate fusion --images lfw --pairs pairsDevTrain.txt"},
      [options, &context] { return run_fusion(*options, context); });
  command.add_option("--models", options->models, "The two encoders that are joined")
      ->type_name("ID")
      ->expected(2)
      ->capture_default_str();
  add_development_options(command, context, *options);
}

}  // namespace likeness::cli
