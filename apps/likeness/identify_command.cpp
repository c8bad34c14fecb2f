/// likeness identify PHOTO…: who is it, of those who are enrolled, or nobody?

#include "command.h"
#include "face_json.h"
#include "identify_folders.h"
#include "identify_photos.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIdentifiedTogether = 4;

struct IdentifyOptions {
  std::vector<std::string> paths;
  std::string format = "text";
  bool show_distance = false;
  IdentificationChoice choice;
};

/// Prints what was found in each photo and counts the faces that are nobody's.
class Reporter {
 public:
  Reporter(const IdentifyOptions& options, CommandContext& context)
      : options_(options), context_(context) {}

  void add(const Failure& failure) {
    context_.warn("skipped " + failure.message);
    photos_.push_back(json_of(failure));
  }

  void add(const PhotoResult& photo, const std::vector<Identification>& answers) {
    unknown_ += count_unknown(answers);
    if (context_.json)
      photos_.push_back(answers_json(photo, answers));
    else
      context_.print(answers_text(photo, answers, options_.choice.unknown_label));
  }

  void finish(const PhotoIdentifier& identifier) {
    if (!context_.json) return;
    const OpenSetRule& rule = identifier.rule();
    Json json = {{"gallery", shown_location(options_.choice.gallery)},
                 {"model", identifier.model()},
                 {"examples", identifier.info().examples}};
    json["threshold"] = rule.threshold();
    json["fpir"] = rule.fpir() ? Json(*rule.fpir()) : Json();
    json["fpir_extrapolated"] = rule.extrapolated();
    json["photos"] = photos_;
    context_.print_json(json);
  }
  std::size_t unknown() const { return unknown_; }

 private:
  const IdentifyOptions& options_;
  CommandContext& context_;
  Json photos_ = Json::array();
  std::size_t unknown_ = 0;
};

int run_identify(const IdentifyOptions& options, CommandContext& context) {
  const IdentificationChoice& choice = options.choice;
  if (options.format == "face_recognition")
    return identify_folders({.paths = options.paths,
                             .unknown_label = choice.unknown_label,
                             .show_distance = options.show_distance,
                             .threshold = choice.open_set.threshold,
                             .encoder = choice.encoder,
                             .detector = choice.detector},
                            context);
  const Inputs inputs = expand_inputs(options.paths);
  PhotoIdentifier identifier(choice, context);
  if (!context.json && !context.quiet)
    context.print(describe(identifier.rule(), identifier.info()) + "\n");
  Reporter reporter(options, context);
  const BatchSummary summary = process_photos(
      inputs, context, "Identifying", kIdentifiedTogether,
      [&](std::size_t, std::span<const fs::path> paths) { return identifier.encode(paths); },
      [&](const PhotoResult& photo) {
        if (photo.failure) return reporter.add(*photo.failure);
        reporter.add(photo, identifier.identify(photo));
      });
  reporter.finish(identifier);
  const int code = summary.conclude();
  return reporter.unknown() > 0 ? static_cast<int>(kSomeFailed) : code;
}

}  // namespace

void add_identify_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<IdentifyOptions>();
  CLI::App& command =
      *add_command(parent, context,
                   {.name = "identify",
                    .summary = "Who is it, of those who are enrolled, or nobody?",
                    .examples = "likeness identify door.jpg\n"
                                "likeness identify photos/ --top 3 --json\n"
                                "likeness identify known/ unknown/ --format face_recognition\n"
                                "exit code: 0 every face is somebody's, 1 some are not, 2 error"},
                   [options, &context] { return run_identify(*options, context); });
  command
      .add_option("PHOTO", options->paths,
                  "Photos, folders (with all below them), patterns, or - for standard input; all "
                  "of their faces")
      ->required();
  command
      .add_option("--format", options->format,
                  "text; or face_recognition: two folders, KNOWN UNKNOWN, and lines file,name as "
                  "that program prints them (no gallery is needed)")
      ->check(CLI::IsMember({"text", "face_recognition"}))
      ->capture_default_str();
  command.add_flag("--show-distance", options->show_distance,
                   "With face_recognition: file,name,distance (Euclidean, not squared)");
  add_identification_options(command, options->choice);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
