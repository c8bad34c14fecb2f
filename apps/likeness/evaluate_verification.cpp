/// likeness evaluate verification: pairs of pictures, by the protocol of Labeled Faces in the Wild.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/evaluate/report.h>

#include "calibrations.h"
#include "evaluate_command.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct VerificationOptions {
  std::string images;
  std::string pairs;
  std::string report;
  std::string encodings;
  std::string calibration;
  std::string classifier;
  std::string groups;
  NoFace no_face = NoFace::wrong;
  EncoderChoice encoder;
  DetectorOptions detector;
};

PairList read_folds(const std::string& path) {
  PairList list = read_pairs(path);
  return list.folds > 1 ? list : share_into_folds(std::move(list), kFolds);
}

std::string failures_text(const VerificationReport& report) {
  constexpr std::size_t kShown = 10;
  const auto& failures = report.distance.measures.failures;
  std::string text = "  wrong               " + std::to_string(failures.size()) + " pairs" +
                     (failures.empty() ? "\n" : ", the worst first:\n");
  for (std::size_t i = 0; i < std::min(failures.size(), kShown); ++i) {
    const PicturePair& pair = report.pairs[failures[i].pair];
    const auto& distance = report.distance.scored[failures[i].pair].distance;
    text += "    " +
            (distance ? fixed(*distance, 3) + (pair.same_person ? " > " : " < ") +
                            fixed(failures[i].threshold, 3)
                      : "no face      ") +
            "  " + (pair.same_person ? "one person  " : "two people  ") + pair.first + "  " +
            pair.second + "\n";
  }
  if (failures.size() > kShown)
    text += "    and " + std::to_string(failures.size() - kShown) +
            " more; --report DIR shows them with their pictures\n";
  return text;
}

/// "  name              value   value of the classifier"
template <class Value>
std::string comparison_line(const VerificationReport& report, const std::string& name,
                            const Value& value) {
  constexpr std::size_t kNames = 20;
  constexpr std::size_t kValues = 18;
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
  };
  std::string text = "  " + padded(name, kNames);
  if (!report.classifier) return text + value(report.distance) + "\n";
  return text + padded(value(report.distance), kValues) + value(*report.classifier) + "\n";
}

std::string probability_text(const VerificationReport& report) {
  const auto add = [&](const char* name, const auto& value) {
    return comparison_line(report, name, [&](const ComparisonReport& one) {
      return one.probability ? value(one.probability->all) : std::string("-");
    });
  };
  return add("right at p = 0.5", [](const Reliability& one) { return percentage(one.accuracy); }) +
         add("calibration error", [](const Reliability& one) { return fixed(one.ece, 4); }) +
         add("log loss", [](const Reliability& one) { return fixed(one.log_loss, 4); });
}

std::string figures_text(const VerificationReport& report) {
  std::string text;
  if (report.classifier) {
    text += "                      distance          pair classifier (" + report.classifier_form +
            ")\n";
  }
  text += comparison_line(report, "accuracy", [](const ComparisonReport& one) {
    return percentage(one.measures.accuracy_mean) + " ± " +
           fixed(100 * one.measures.accuracy_std, 2);
  });
  for (const ReportedRate& rate : kReportedRates)
    text += comparison_line(report, std::string("TAR at FAR ") + rate.name,
                            [&](const ComparisonReport& one) {
                              return percentage(one.measures.roc.at_far(rate.far).tar);
                            });
  text += comparison_line(report, "equal error rate",
                          [](const ComparisonReport& one) { return percentage(one.measures.eer); });
  text += comparison_line(report, "area under ROC",
                          [](const ComparisonReport& one) { return fixed(one.measures.auc, 5); });
  return report.distance.probability || report.classifier ? text + probability_text(report) : text;
}

std::string signed_text(double value) {
  return (value < 0 ? "" : "+") + fixed(value, 2);
}

/// The accuracy is the mean and standard deviation of the folds.
std::string folds_text(const VerificationReport& report) {
  const auto& folds = report.distance.measures.folds;
  std::string text = "  folds             ";
  for (const FoldMeasure& fold : folds) text += "  " + fixed(100 * fold.accuracy(), 2);
  text += "\n";
  if (!report.classifier) return text;
  text += "  with classifier   ";
  const auto& others = report.classifier->measures.folds;
  for (const FoldMeasure& fold : others) text += "  " + fixed(100 * fold.accuracy(), 2);
  const PairedDifference difference = paired_difference(others, folds);
  return text + "\n  difference          " + signed_text(100 * difference.mean) + " ± " +
         fixed(100 * difference.standard_error, 2) + " (mean and its standard error)\n";
}

std::string rate_text(const Rate& rate) {
  if (rate.trials == 0) return "no pairs";
  return percentage(rate.share()) + " (" + fixed(100 * rate.low, 2) + " to " +
         fixed(100 * rate.high, 2) + ", " + std::to_string(rate.trials) + " pairs)";
}

std::string groups_text(const ComparisonReport& report, const std::string& name) {
  std::string text;
  for (std::size_t k = 0; k < report.errors.size() && !report.groups.empty(); ++k) {
    text += "  " + name + ", at " + report.errors[k].name + " of all pairs (threshold " +
            fixed(report.errors[k].rates.threshold, 4) + "):\n";
    for (const GroupMeasures& group : report.groups)
      text += "    " + group.group + ": FMR " + rate_text(group.rates[k].fmr) + ", FNMR " +
              rate_text(group.rates[k].fnmr) + "\n";
  }
  return text;
}

std::string to_text(const VerificationReport& report, std::size_t pictures, double seconds) {
  const VerificationMeasures& measures = report.distance.measures;
  std::string text = report.model + " on " + std::to_string(measures.pairs()) + " pairs of " +
                     std::to_string(pictures) + " pictures, " +
                     std::to_string(measures.folds.size()) + " folds\n";
  text += figures_text(report) + folds_text(report);
  text += "  no face             " + std::to_string(measures.no_face) + " pairs, " +
          std::to_string(report.pictures_without_face.size()) + " pictures" +
          (report.guessed_pictures.empty()
               ? "\n"
               : "; " + std::to_string(report.guessed_pictures.size()) +
                     " more were encoded from where the others have their faces\n");
  text += "  time                " + fixed(seconds, 1) + " s, " +
          fixed(1000 * seconds / static_cast<double>(pictures), 1) + " ms a picture\n";
  text += groups_text(report.distance, "distance");
  if (report.classifier) text += groups_text(*report.classifier, "pair classifier");
  return text + failures_text(report);
}

/// What --calibration, --classifier and --groups name, else the model's own calibration.
struct Extras {
  std::optional<Calibration> calibration = {};
  std::optional<PairClassifier> classifier = {};
  std::optional<Groups> groups = {};
};

Extras read_extras(const VerificationOptions& options, EncoderWithClassifier encoder,
                   const ModelStore& store, CommandContext& context) {
  Extras extras{.calibration = find_calibration(store, encoder.model, options.calibration, context),
                .classifier = std::move(encoder.classifier)};
  if (!options.groups.empty()) extras.groups = read_groups(options.groups);
  return extras;
}

int run_verification(const VerificationOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  EncoderWithClassifier encoder = open_encoder(store, options.encoder, options.classifier);
  const std::string model = encoder.model;
  check_images(options.images);
  const PairList list = read_folds(options.pairs);
  const Extras extras = read_extras(options, std::move(encoder), store, context);
  if (!options.report.empty()) prepare_report_folder(options.report);
  const EvaluationNetworks networks(store, model, options.detector, options.encoder.options(),
                                    context);

  const Timer timer;
  const std::vector<std::string> pictures = pictures_of({list});
  const EncodedPictures encoded =
      networks.encode(options.images, pictures, options.encodings, options.no_face, context);
  const double seconds = timer.seconds();
  const VerificationReport report =
      make_report(model, list, encoded,
                  {.calibration = extras.calibration ? &*extras.calibration : nullptr,
                   .classifier = extras.classifier ? &*extras.classifier : nullptr,
                   .classifier_name = options.classifier,
                   .groups = extras.groups ? &*extras.groups : nullptr});

  if (!options.report.empty())
    write_report(options.report, report, [&](const std::string& picture) {
      return picture_for_report(options.images + "/" + picture, encoded.at(picture),
                                networks.encoder());
    });
  context.print(context.json ? to_json(report) : to_text(report, pictures.size(), seconds));
  if (!context.json && !options.report.empty())
    context.print("  report              " + (fs::path(options.report) / "index.html").string() +
                  "\n");
  return kOk;
}

}  // namespace

void add_verification_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<VerificationOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "verification",
       .summary = "Accuracy on pairs of pictures: the protocol of Labeled Faces in the Wild",
       .examples = "likeness evaluate verification --images lfw --pairs pairs.txt\n"
                   "likeness evaluate verification --images lfw --pairs pairs.txt --model resnet "
                   "--json\n"
                   "likeness evaluate verification --images lfw --pairs pairs.txt --report out/\n"
                   "likeness evaluate verification --images lfw --pairs pairs.txt --classifier "
                   "duo-pairs.safetensors\n"
                   "likeness evaluate verification --images cfp --pairs cfp --no-face centre"},
      [options, &context] { return run_verification(*options, context); });
  add_images_option(command, options->images);
  command
      .add_option(
          "--pairs", options->pairs,
          "List of pairs: LFW's pairs.txt with its folds; a list without folds, which is "
          "shared out into ten (LFW's View 1; lines of PICTURE PICTURE FLAG or PICTURE FLAG "
          "as those of CALFW, CPLFW and AgeDB); or the folder of CFP, or its "
          "Protocol/Split/FP or FF")
      ->type_name("FILE|DIR")
      ->required();
  command
      .add_option("--report", options->report,
                  "Write report.json, roc.svg and index.html with the failures to this folder")
      ->type_name("DIR");
  command
      .add_option("--classifier", options->classifier,
                  "Measure this pair classifier beside the distance: accuracy and calibration")
      ->type_name("FILE");
  add_calibration_option(command, options->calibration);
  command
      .add_option("--groups", options->groups,
                  "CSV file path,group: FMR and FNMR of each group at the same thresholds")
      ->type_name("FILE.csv");
  add_no_face_option(command, options->no_face);
  add_encodings_option(command, options->encodings);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
