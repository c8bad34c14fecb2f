/// likeness calibrate: thresholds, false-match rates and probabilities of a model, from pictures of
/// people whom no test uses.

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/development.h>
#include <likeness/evaluate/threshold_intervals.h>
#include <likeness/faces/calibration.h>

#include "calibrations.h"
#include "command.h"
#include "evaluate_command.h"
#include "json.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct CalibrateOptions {
  PeopleOptions people;
  std::vector<std::string> models;
  std::vector<double> fmrs;
  std::string probability = "logistic";
  std::string output;
  BootstrapOptions bootstrap;
  std::uint64_t seed = 1;
  DetectorOptions detector;
};

/// Rates that are measured unless others are asked for, as far as the pairs support them.
constexpr double kUsualRates[] = {1e-2, 1e-3, 1e-4, 1e-5};

std::vector<std::string> all_face_encoders() {
  std::vector<std::string> models;
  for (const ModelEntry& entry : builtin_manifest().models)
    if (entry.task == "face encoder") models.push_back(entry.id);
  return models;
}

/// Replaces the entry of the same model; keeps the models in the order of their names.
void put(std::vector<Calibration>& calibrations, Calibration calibration) {
  std::erase_if(calibrations, [&](const auto& old) { return old.model == calibration.model; });
  const auto place = std::find_if(calibrations.begin(), calibrations.end(), [&](const auto& other) {
    return other.model > calibration.model;
  });
  calibrations.insert(place, std::move(calibration));
}

/// The rates that were asked for, else the usual ones that so many pairs support.
std::vector<double> rates(const CalibrateOptions& options, const Calibration& calibration) {
  if (!options.fmrs.empty()) return options.fmrs;
  std::vector<double> supported;
  for (const double fmr : kUsualRates)
    if (fmr >= calibration.points.front().fmr) supported.push_back(fmr);
  return supported;
}

Calibration calibrate(const ModelStore& store, const std::string& model, const KnownPeople& people,
                      const CalibrateOptions& options, CommandContext& context) {
  const EvaluationNetworks networks(store, model, options.detector, {}, context);
  const LabelledEncodings encodings =
      encode_people(networks, people, options.people.encodings, context);
  ScoreSet distances = all_pair_distances(encodings);
  Calibration calibration = fit_calibration(model, distances.genuine, std::move(distances.impostor),
                                            parse_probability_form(options.probability));
  Random random(options.seed);
  calibration.thresholds = measure_thresholds(encodings, calibration, rates(options, calibration),
                                              options.bootstrap, random, context.progress());
  calibration.confidence = options.bootstrap.confidence;
  calibration.fingerprint = weights_fingerprint(store.manifest(), model);
  return calibration;
}

Json to_json(const MeasuredThreshold& measured) {
  return {{"fmr", measured.fmr},
          {"threshold", measured.threshold},
          {"threshold_interval", {measured.threshold_low, measured.threshold_high}},
          {"fnmr", measured.fnmr},
          {"fnmr_interval", {measured.fnmr_low, measured.fnmr_high}}};
}

Json to_json_summary(const Calibration& calibration) {
  Json thresholds = Json::array();
  for (const MeasuredThreshold& measured : calibration.thresholds)
    thresholds.push_back(to_json(measured));
  return {{"model", calibration.model},
          {"genuine_pairs", calibration.genuine_pairs},
          {"impostor_pairs", calibration.impostor_pairs},
          {"default_threshold", calibration.default_threshold},
          {"fmr", calibration.fmr_at(calibration.default_threshold)},
          {"probability", calibration.curve.empty() ? "logistic" : "isotonic"},
          {"slope", calibration.slope},
          {"offset", calibration.offset},
          {"confidence", calibration.confidence},
          {"thresholds", thresholds}};
}

std::string fmr_text(double fmr) {
  char text[32];
  std::snprintf(text, sizeof(text), "%-8.3g", fmr);
  return text;
}

std::string to_text(const Calibration& calibration) {
  std::string text = calibration.model + ": " + std::to_string(calibration.genuine_pairs) +
                     " pairs of one person, " + std::to_string(calibration.impostor_pairs) +
                     " of different people; probability " +
                     (calibration.curve.empty() ? "logistic" : "isotonic") + "\n";
  text += "  default threshold " + fixed(calibration.default_threshold, 4) + ", FMR " +
          one_in(calibration.fmr_at(calibration.default_threshold)) + ", probability there " +
          fixed(calibration.probability(calibration.default_threshold), 3) + "\n";
  if (calibration.thresholds.empty()) return text;
  const std::string share = fixed(100 * calibration.confidence, 0);
  text +=
      "  FMR       threshold  " + share + " % interval      FNMR      " + share + " % interval\n";
  for (const MeasuredThreshold& measured : calibration.thresholds)
    text += "  " + fmr_text(measured.fmr) + "  " + fixed(measured.threshold, 4) + "     " +
            fixed(measured.threshold_low, 4) + " to " + fixed(measured.threshold_high, 4) + "  " +
            fixed(100 * measured.fnmr, 2) + " %    " + fixed(100 * measured.fnmr_low, 2) + " to " +
            fixed(100 * measured.fnmr_high, 2) + " %\n";
  return text;
}

void check_options(const CalibrateOptions& options, const std::vector<std::string>& models) {
  parse_probability_form(options.probability);
  if (!options.people.encodings.empty() && models.size() > 1)
    throw Error(ErrorCode::invalid_argument,
                "--encodings: a file holds the encodings of one model; name it with --model");
}

/// Where the calibration of `model` is written: to -o, else beside a model that was trained here;
/// nowhere for the others, which are built in.
std::filesystem::path output_for(const CalibrateOptions& options, const ModelStore& store,
                                 const std::string& model) {
  if (!options.output.empty()) return options.output;
  return calibration_beside(store, model).value_or(std::filesystem::path());
}

/// Puts it among those that the file holds already; nowhere when `path` is empty.
void keep(const std::filesystem::path& path, Calibration calibration) {
  if (path.empty()) return;
  std::vector<Calibration> calibrations = read_calibrations(path);
  put(calibrations, std::move(calibration));
  write_file(path, to_json(calibrations));
}

int run_calibrate(const CalibrateOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  std::vector<std::string> models;
  for (const std::string& model : options.models) models.push_back(open_face_encoder(store, model));
  if (models.empty()) models = all_face_encoders();
  check_options(options, models);
  for (const std::string& model : models) {  // what is broken is refused before the work
    const std::filesystem::path path = output_for(options, store, model);
    if (!path.empty()) check_writable(path);
    read_calibrations(path);
  }
  const KnownPeople people = read_people(options.people, context.progress());
  // What even these pictures cannot support, with a face in each, is refused before the work.
  for (const double fmr : options.fmrs)
    require_supported(fmr, people.set.impostor_pairs(), models[0]);

  Json summaries = Json::array();
  for (const std::string& model : models) {
    Calibration calibration = calibrate(store, model, people, options, context);
    const std::filesystem::path path = output_for(options, store, model);
    keep(path, calibration);
    Json summary = to_json_summary(calibration);
    summary["output"] = path.empty() ? Json() : Json(path.string());
    summaries.push_back(summary);
    if (!context.json)
      context.print(to_text(calibration) + (path.empty() ? "  not written; -o FILE.json writes it\n"
                                                         : "  written to " + path.string() + "\n"));
  }
  if (context.json) context.print_json({{"calibrations", summaries}});
  return kOk;
}

}  // namespace

void add_calibrate_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<CalibrateOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "calibrate",
       .summary = "Measure thresholds, false-match rates and probabilities of a model",
       .examples = "likeness calibrate --images lfw --pairs pairsDevTrain.txt pairsDevTest.txt "
                   "-o models/calibration.json\n"
                   "likeness calibrate --model duo --images lfw --pairs pairsDevTrain.txt --fmr "
                   "1e-3,1e-4\n"
                   "likeness calibrate --model duo --images staff/ --probability isotonic --json"},
      [options, &context] { return run_calibrate(*options, context); });
  command
      .add_option("--model", options->models,
                  "Face encoders, or folders of models trained here (default: all built-in ones)")
      ->type_name("ID|RUN");
  add_people_options(command, options->people);
  command
      .add_option("--fmr", options->fmrs,
                  "False-match rates to give thresholds for, with commas between them (default: of "
                  "1e-2 to 1e-5 what the pairs support)")
      ->type_name("RATE,…")
      ->delimiter(',');
  command
      .add_option("--probability", options->probability,
                  "How a distance becomes a probability: logistic or isotonic")
      ->type_name("FORM")
      ->capture_default_str();
  command
      .add_option("-o,--output", options->output,
                  "Calibration file; entries of other models in it are kept (default: beside a "
                  "model that was trained here)")
      ->type_name("FILE.json");
  command
      .add_option("--replicates", options->bootstrap.replicates,
                  "How often the people are drawn again for the confidence intervals")
      ->type_name("N")
      ->check(CLI::Range(20, 1'000'000).description(""))
      ->capture_default_str();
  command.add_option("--confidence", options->bootstrap.confidence, "Of the intervals")
      ->type_name("SHARE")
      ->capture_default_str();
  command.add_option("--seed", options->seed, "Of the draws")
      ->type_name("N")
      ->capture_default_str();
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
