/// likeness evaluate fusion: with which weights two encoders are joined.

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/development.h>
#include <likeness/faces/calibration.h>
#include <likeness/model/manifest.h>

#include "evaluate_command.h"
#include "json.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct FusionOptions {
  PeopleOptions people;
  std::vector<std::string> models = {"mobilefacenet", "resnet"};
  DetectorOptions detector;
};

ScoreSet measure_distances(const ModelStore& store, const std::string& model,
                           const KnownPeople& people, const FusionOptions& options,
                           CommandContext& context) {
  const EvaluationNetworks networks(store, model, options.detector, {}, context);
  return all_pair_distances(encode_people(networks, people, "", context));
}

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

int run_fusion(const FusionOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  std::vector<std::string> models;
  for (const std::string& model : options.models) models.push_back(open_face_encoder(store, model));
  if (!options.people.encodings.empty())
    throw Error(ErrorCode::invalid_argument,
                "--encodings: a file holds the encodings of one model, and two are joined here");
  const KnownPeople people = read_people(options.people, context.progress());
  const ScoreSet first = measure_distances(store, models[0], people, options, context);
  const ScoreSet second = measure_distances(store, models[1], people, options, context);

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

void add_fusion_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<FusionOptions>();
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
  add_people_options(command, options->people);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
