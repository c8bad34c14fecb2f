/// likeness evaluate verification: the protocol of Labeled Faces in the Wild.

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/evaluate/report.h>
#include <likeness/image/codec.h>

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
  EncoderChoice encoder;
  DetectorOptions detector;
};

std::string percentage(double share) {
  return fixed(100 * share, 2) + " %";
}

PairList read_folds(const std::string& path) {
  PairList list = read_pairs(path);
  return list.folds > 1 ? list : share_into_folds(std::move(list), kFolds);
}

/// The face as the encoder sees it; the whole photo where none was found, black where it is broken.
Image picture_for_report(const std::string& path, const std::optional<EncodedPicture>& encoded,
                         const FaceEncoder& encoder) {
  try {
    Image photo = read_image(path);
    return encoded ? encoder.align(photo, encoded->face).crops.front() : photo;
  } catch (const Error&) {
    return {112, 112};
  }
}

std::string failures_text(const VerificationReport& report) {
  constexpr std::size_t kShown = 10;
  const auto& failures = report.measures.failures;
  std::string text = "  wrong             " + std::to_string(failures.size()) + " pairs" +
                     (failures.empty() ? "\n" : ", the worst first:\n");
  for (std::size_t i = 0; i < std::min(failures.size(), kShown); ++i) {
    const PicturePair& pair = report.pairs[failures[i].pair];
    const auto& distance = report.scored[failures[i].pair].distance;
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

std::string to_text(const VerificationReport& report, std::size_t pictures, double seconds) {
  const VerificationMeasures& measures = report.measures;
  std::string text = report.model + " on " + std::to_string(measures.pairs()) + " pairs of " +
                     std::to_string(pictures) + " pictures\n";
  text += "  accuracy          " + percentage(measures.accuracy_mean) + " ± " +
          fixed(100 * measures.accuracy_std, 2) + " (mean and standard deviation of " +
          std::to_string(measures.folds.size()) + " folds)\n";
  for (const ReportedRate& rate : kReportedRates)
    text += "  TAR at FAR " + std::string(rate.name) + "   " +
            percentage(measures.roc.at_far(rate.far).tar) + "\n";
  text += "  equal error rate  " + percentage(measures.eer) + "\n";
  text += "  area under ROC    " + fixed(measures.auc, 5) + "\n";
  text += "  no face           " + std::to_string(measures.no_face) + " pairs, " +
          std::to_string(report.pictures_without_face.size()) + " pictures\n";
  text += "  time              " + fixed(seconds, 1) + " s, " +
          fixed(1000 * seconds / static_cast<double>(pictures), 1) + " ms a picture\n";
  return text + failures_text(report);
}

int run_verification(const VerificationOptions& options, CommandContext& context) {
  check_face_encoder(options.encoder.model);
  check_images(options.images);
  const PairList list = read_folds(options.pairs);
  if (!options.report.empty()) prepare_report_folder(options.report);
  const EvaluationNetworks networks(options.encoder.model, options.detector,
                                    options.encoder.options(), context);

  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::string> pictures = pictures_of({list});
  const EncodedPictures encoded =
      networks.encode(options.images, pictures, options.encodings, context);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const VerificationReport report = make_report(options.encoder.model, list, encoded);

  if (!options.report.empty())
    write_report(options.report, report, [&](const std::string& picture) {
      return picture_for_report(options.images + "/" + picture, encoded.at(picture),
                                networks.encoder());
    });
  context.print(context.json ? to_json(report) : to_text(report, pictures.size(), elapsed.count()));
  if (!context.json && !options.report.empty())
    context.print("  report            " + (fs::path(options.report) / "index.html").string() +
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
                   "likeness evaluate verification --images lfw --pairs pairs.txt --report out/"},
      [options, &context] { return run_verification(*options, context); });
  add_images_option(command, options->images);
  command
      .add_option("--pairs", options->pairs,
                  "List of pairs as LFW writes it: pairs.txt with its folds, or a list without "
                  "folds (pairsDevTest.txt), which is shared out into ten")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--report", options->report,
                  "Write report.json, roc.svg and index.html with the failures to this folder")
      ->type_name("DIR");
  add_encodings_option(command, options->encodings);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
