/// likeness train pair-classifier: a logistic unit over two encodings, learned from pairs.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/pair_training.h>

#include "evaluate_command.h"
#include "json.h"
#include "networks.h"
#include "number_text.h"
#include "train_command.h"

namespace likeness::cli {
namespace {

struct PairClassifierOptions {
  PeopleOptions people;
  std::string model = "duo";
  std::string run;  ///< the folder that --model named, if any
  std::string form = "absolute";
  std::string probability = "isotonic";
  std::string output;
  bool no_distance = false;
  PairTrainingOptions training;
  DetectorOptions detector;
};

PairTrainingOptions training_options(const PairClassifierOptions& options) {
  PairTrainingOptions training = options.training;
  training.form = parse_pair_form(options.form);
  training.probability = parse_probability_form(options.probability);
  training.with_distance = !options.no_distance;
  return training;
}

std::string general(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

/// "2132 people, 2209 pairs of one person …" with what was left out.
std::string describe_data(const PairClassifierOptions& options, const PairTraining& training) {
  std::string text = std::to_string(training.people) + " people of " + options.people.images;
  for (const std::string& list : options.people.pairs) text += ", " + list;
  for (const std::string& list : options.people.exclude) text += ", without the people of " + list;
  return text + "; judged on " + std::to_string(training.genuine_pairs) +
         " pairs of one person and " + std::to_string(training.impostor_pairs) +
         " of two, held out in " + std::to_string(options.training.folds) + " folds of people";
}

std::string describe_quality(const PairTraining& training) {
  const auto figures = [](const Reliability& one) {
    return percentage(one.accuracy) + " right at probability 0.5, calibration error " +
           fixed(one.ece, 4) + ", log loss " + fixed(one.log_loss, 4);
  };
  return "on held-out people: " + figures(training.unit) +
         "; the plain distance: " + figures(training.distance);
}

Json to_json(const Reliability& one) {
  return {{"accuracy", one.accuracy},
          {"ece", one.ece},
          {"brier", one.brier},
          {"log_loss", one.log_loss}};
}

Json to_json(const PairClassifierOptions& options, const PairTraining& training) {
  Json penalties = Json::array();
  for (const PenaltyResult& penalty : training.penalties)
    penalties.push_back({{"penalty", penalty.strength},
                         {"log_loss", penalty.log_loss},
                         {"excess", penalty.excess},
                         {"excess_error", penalty.excess_error}});
  return {{"output", options.output},
          {"model", options.model},
          {"form", options.form},
          {"inputs", training.classifier.weights.size()},
          {"people", training.people},
          {"genuine_pairs", training.genuine_pairs},
          {"impostor_pairs", training.impostor_pairs},
          {"penalty", training.strength},
          {"penalties", penalties},
          {"distance", to_json(training.distance)},
          {"classifier", to_json(training.unit)}};
}

std::string to_text(const PairClassifierOptions& options, const PairTraining& training) {
  std::string text = options.model + ", " + options.form + ": " + std::to_string(training.people) +
                     " people, judged on " + std::to_string(training.genuine_pairs) +
                     " pairs of one person and " + std::to_string(training.impostor_pairs) +
                     " of two, all held out\n";
  text += "  penalty   log loss  over the best\n";
  for (const PenaltyResult& penalty : training.penalties) {
    std::string name = general(penalty.strength);
    name.resize(8, ' ');
    text += "  " + name + "  " + fixed(penalty.log_loss, 5) + "   " + fixed(penalty.excess, 5) +
            " ± " + fixed(penalty.excess_error, 5) +
            (penalty.strength == training.strength ? "  chosen\n" : "\n");
  }
  const auto line = [&](const char* name, const std::string& a, const std::string& b) {
    std::string padded = a;
    padded.resize(20, ' ');
    text += std::string("  ") + name + padded + b + "\n";
  };
  const Reliability& distance = training.distance;
  const Reliability& unit = training.unit;
  line("                    ", "distance", "classifier");
  line("right at p = 0.5    ", percentage(distance.accuracy), percentage(unit.accuracy));
  line("calibration error   ", fixed(distance.ece, 4), fixed(unit.ece, 4));
  line("log loss            ", fixed(distance.log_loss, 4), fixed(unit.log_loss, 4));
  return text + "written to " + options.output +
         "; to use it: likeness verify A.jpg B.jpg --classifier " + options.output +
         (options.run.empty() ? "\n" : " --model " + options.run + "\n");
}

int run_pair_classifier(PairClassifierOptions options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.model);
  if (model != options.model) options.run = std::exchange(options.model, model);
  const PairTrainingOptions training = training_options(options);
  const KnownPeople people = read_people(options.people, context.progress());
  check_writable(options.output);
  const EvaluationNetworks networks(store, options.model, options.detector, {}, context);
  const LabelledEncodings encodings =
      encode_people(networks, people, options.people.encodings, context);
  PairTraining result =
      train_pair_classifier(encodings, training, context.progress(), &context.stop_on_interrupt());
  result.classifier.model = options.model;
  result.classifier.fingerprint = weights_fingerprint(store.manifest(), options.model);
  result.classifier.command = context.command_line;
  result.classifier.data = describe_data(options, result);
  result.classifier.quality = describe_quality(result);
  write_pair_classifier(options.output, result.classifier);
  if (context.json)
    context.print_json(to_json(options, result));
  else
    context.print(to_text(options, result));
  return kOk;
}

void add_training_options(CLI::App& command, PairClassifierOptions& options) {
  command
      .add_option("--form", options.form,
                  "What differs between two encodings: absolute, |f1 - f2| in each dimension, or "
                  "chi-squared, (f1 - f2)^2 / (f1 + f2) of the positive and the negative parts")
      ->type_name("FORM")
      ->capture_default_str();
  command.add_flag("--no-distance", options.no_distance,
                   "Leave the squared distance out: the unit alone, as in the textbook");
  command
      .add_option("--probability", options.probability,
                  "How the unit's answer becomes a probability: isotonic or logistic")
      ->type_name("FORM")
      ->capture_default_str();
  command
      .add_option("--penalty", options.training.strengths,
                  "L2 penalties to choose from by cross-validation, with commas between them")
      ->type_name("NUMBER,…")
      ->delimiter(',')
      ->capture_default_str();
  command
      .add_option("--hard", options.training.hard_share,
                  "Share of the pairs of strangers that are mined: the closest there are")
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--folds", options.training.folds, "Parts that the people are shared out into")
      ->type_name("N")
      ->check(CLI::Range(2, 100).description(""))
      ->capture_default_str();
  command.add_option("--seed", options.training.seed, "Of folds and pairs")
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void add_pair_classifier_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<PairClassifierOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "pair-classifier",
       .summary = "Learn from pairs when two encodings show one person",
       .examples = "likeness train pair-classifier --data people/ --model duo --out "
                   "duo-pairs.safetensors\n"
                   "likeness train pair-classifier --images lfw --pairs pairsDevTrain.txt --form "
                   "chi-squared --out duo-chi.safetensors\n"
                   "likeness verify anna1.jpg anna2.jpg --classifier duo-pairs.safetensors"},
      [options, &context] { return run_pair_classifier(*options, context); });
  add_people_options(command, options->people);
  command
      .add_option("--model", options->model, "Face encoder whose encodings are compared, as it is")
      ->type_name("ID|RUN")
      ->capture_default_str();
  command.add_option("-o,--out", options->output, "Where the classifier is written")
      ->type_name("FILE.safetensors")
      ->required();
  add_training_options(command, *options);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
