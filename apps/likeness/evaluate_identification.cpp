/// likeness evaluate identification: 1:N from one example a person, closed and open set.

#include <filesystem>
#include <optional>

#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/evaluate/identification_report.h>

#include "evaluate_command.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct IdentificationOptions {
  std::string images;
  std::string list;
  std::string encodings;
  std::string report;
  SplitOptions split;
  NoFace no_face = NoFace::wrong;
  EncoderChoice encoder;
  DetectorOptions detector;
};

std::string to_text(const std::string& model, const IdentificationMeasures& measures,
                    double seconds) {
  std::string text = model + ": " + std::to_string(measures.enrolled) +
                     " people enrolled with one picture each, " +
                     std::to_string(measures.mated.size()) + " probes of them, " +
                     std::to_string(measures.strangers.size()) + " strangers\n";
  for (const std::size_t rank : {std::size_t{1}, std::size_t{5}, std::size_t{10}})
    if (measures.cmc.size() >= rank)
      text += "  rank " + std::to_string(rank) + (rank < 10 ? " " : "") + "            " +
              percentage(measures.cmc[rank - 1]) + "\n";
  for (const ReportedRate& rate : kReportedFpirs) {
    text += std::string("  FNIR at FPIR ") + rate.name + "  ";
    if (!supports_fpir(measures, rate.far)) {
      text += "too few strangers; --strangers SHARE leaves people out of the gallery\n";
      continue;
    }
    const OpenSetPoint& point = measures.at_fpir(rate.far);
    text += percentage(point.fnir) + " (distance up to " + fixed(point.threshold, 3) + ")\n";
  }
  text += "  no face            " + std::to_string(measures.without_face) + " probes, " +
          std::to_string(measures.not_enrolled) + " people not enrolled" +
          (measures.guessed == 0 ? "\n"
                                 : "; " + std::to_string(measures.guessed) +
                                       " pictures were encoded from where the others have their "
                                       "faces\n");
  return text + "  time               " + fixed(seconds, 1) + " s\n";
}

int run_identification(const IdentificationOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  check_images(options.images);
  const PictureSet set =
      options.list.empty() ? pictures_in_folder(options.images) : read_pictures(options.list);
  const IdentificationSplit split = split_gallery(set, options.split);
  if (!options.report.empty()) prepare_report_folder(options.report);
  const EvaluationNetworks networks(store, model, options.detector, options.encoder.options(),
                                    context);
  const Timer timer;
  const EncodedPictures encoded =
      networks.encode(options.images, set.pictures, options.encodings, options.no_face, context);
  const IdentificationMeasures measures = measure_identification(split, encoded);
  const double seconds = timer.seconds();

  if (!options.report.empty())
    write_report(options.report, model, measures, [&](const std::string& picture) {
      return picture_for_report(options.images + "/" + picture, encoded.at(picture),
                                networks.encoder());
    });
  context.print(context.json ? to_json(model, measures) : to_text(model, measures, seconds));
  if (!context.json && !options.report.empty())
    context.print("  report             " +
                  (std::filesystem::path(options.report) / "index.html").string() + "\n");
  return kOk;
}

}  // namespace

void add_identification_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<IdentificationOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "identification",
       .summary = "Who is it? One picture of each person is enrolled, the others are probes",
       .examples =
           "likeness evaluate identification --images people/ --strangers 0.5\n"
           "likeness evaluate identification --images lfw --list pairs.txt --report out/\n"
           "likeness evaluate identification --images lfw --list pairs.txt --seed 7 --json"},
      [options, &context] { return run_identification(*options, context); });
  command
      .add_option("--images", options->images,
                  "Folder of pictures, with one folder for each person, as PERSON/PICTURE.jpg")
      ->type_name("DIR")
      ->required();
  command
      .add_option("--list", options->list,
                  "Take only these pictures: one path a line, or path,identity, or a list of pairs "
                  "(LFW, CFP) (default: all)")
      ->type_name("FILE");
  command
      .add_option("--seed", options->split.seed,
                  "Enrol a picture of each person by chance (default: the first)")
      ->type_name("N");
  command
      .add_option("--strangers", options->split.strangers,
                  "Share of the people who are not enrolled, beside those with one picture")
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--report", options->report,
                  "Write report.json, cmc.svg, det.svg and index.html to this folder")
      ->type_name("DIR");
  add_no_face_option(command, options->no_face);
  add_encodings_option(command, options->encodings);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
