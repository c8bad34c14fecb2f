/// likeness identify PHOTO…: who is it, of those who are enrolled, or nobody?

#include <filesystem>
#include <optional>

#include <likeness/core/error.h>
#include <likeness/gallery/open_set.h>
#include <likeness/image/codec.h>

#include "calibrations.h"
#include "command.h"
#include "face_json.h"
#include "gallery_choice.h"
#include "identify_folders.h"
#include "networks.h"
#include "number_text.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 4;

struct IdentifyOptions {
  std::vector<std::string> paths;
  std::size_t top = 1;
  OpenSetOptions open_set;
  std::string unknown_label = "unknown_person";
  std::string format = "text";
  bool show_distance = false;
  std::string calibration;
  GalleryChoice gallery;
  EncoderChoice encoder;
  DetectorOptions detector;
};

/// All faces of a few photos, encoded in one batch.
std::vector<PhotoResult> encode_faces(std::span<const fs::path> paths, const FaceDetector& detector,
                                      const FaceEncoder& encoder) {
  std::vector<AlignedFace> batch;
  std::vector<PhotoResult> photos;
  for (const fs::path& path : paths)
    photos.push_back(attempt(path, [&](PhotoResult& photo) {
      const Image image = read_image(path);
      photo.width = image.width();
      photo.height = image.height();
      photo.faces = detector.detect(image);
      for (const Face& face : photo.faces) batch.push_back(encoder.align(image, face));
    }));
  if (batch.empty()) return photos;
  std::vector<Encoding> encodings = encoder.encode(batch);
  auto next = encodings.begin();
  for (PhotoResult& photo : photos)
    for (std::size_t i = 0; i < photo.faces.size(); ++i)
      photo.encodings.push_back(std::move(*next++));
  return photos;
}

Json to_json(const Match& match) {
  Json json = {{"subject", match.subject}, {"distance", match.distance}};
  json["probability"] = match.probability ? Json(*match.probability) : Json();
  return json;
}

/// Prints what was found in each photo and counts the faces that are nobody's.
class Reporter {
 public:
  Reporter(const IdentifyOptions& options, const OpenSetRule& rule, CommandContext& context)
      : options_(options), rule_(rule), context_(context) {}

  void add(const Failure& failure) {
    context_.warn("skipped " + failure.message);
    photos_.push_back(cli::to_json(failure));
  }

  void add(const PhotoResult& photo, const std::vector<Identification>& answers) {
    Json faces = Json::array();
    std::string text;
    if (answers.empty()) text = photo.path + ": no face\n";
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const Identification& answer = answers[i];
      if (answer.matches.empty()) ++unknown_;
      Json matches = Json::array();
      for (const Match& match : answer.matches) matches.push_back(to_json(match));
      Json face = {{"box", cli::to_json(photo.faces[i].box)},
                   {"matches", std::move(matches)},
                   {"ambiguous", answer.ambiguous}};
      faces.push_back(std::move(face));
      text += to_text(photo, i, answer);
    }
    if (context_.json)
      photos_.push_back({{"path", photo.path}, {"faces", std::move(faces)}});
    else
      context_.print(text);
  }

  void finish(const std::string& gallery, std::int64_t examples, const std::string& model) {
    if (!context_.json) return;
    Json json = {{"gallery", gallery}, {"model", model}, {"examples", examples}};
    json["threshold"] = rule_.threshold();
    json["fpir"] = rule_.fpir() ? Json(*rule_.fpir()) : Json();
    json["fpir_extrapolated"] = rule_.extrapolated();
    json["photos"] = photos_;
    context_.print_json(json);
  }
  std::size_t unknown() const { return unknown_; }

 private:
  std::string to_text(const PhotoResult& photo, std::size_t face,
                      const Identification& answer) const {
    std::string line = photo.path + ": ";
    if (answer.matches.empty()) line += options_.unknown_label;
    for (std::size_t i = 0; i < answer.matches.size(); ++i)
      line += (i == 0 ? "" : ", ") + answer.matches[i].subject + " (distance " +
              fixed(answer.matches[i].distance, 3) + ")";
    if (answer.matches.empty() && answer.nearest)
      line += " (nearest: " + fixed(answer.nearest->distance, 3) + ")";
    if (photo.faces.size() > 1) line += ", face at " + describe(photo.faces[face].box);
    if (answer.ambiguous) line += "; AMBIGUOUS: several people are this near";
    return line + "\n";
  }

  const IdentifyOptions& options_;
  const OpenSetRule& rule_;
  CommandContext& context_;
  Json photos_ = Json::array();
  std::size_t unknown_ = 0;
};

void print_rule(const OpenSetRule& rule, const GalleryInfo& info, CommandContext& context) {
  std::string text = std::to_string(info.subjects) + " people, " + std::to_string(info.examples) +
                     " examples; distance up to " + fixed(rule.threshold(), 3);
  if (rule.fpir()) {
    text += ", a stranger is taken for somebody " + one_in(*rule.fpir());
    if (rule.extrapolated()) text += " (estimated: rarer than was measured)";
  }
  context.print(text + "\n");
}

int run_identify(const IdentifyOptions& options, CommandContext& context) {
  if (options.format == "face_recognition")
    return identify_folders({.paths = options.paths,
                             .unknown_label = options.unknown_label,
                             .show_distance = options.show_distance,
                             .threshold = options.open_set.threshold,
                             .encoder = options.encoder,
                             .detector = options.detector},
                            context);
  ModelStore store = context.store();
  const std::unique_ptr<Gallery> gallery = open_gallery(options.gallery);
  const GalleryInfo info = gallery->info();
  const std::string model = encoder_of(info, store, options.encoder);
  const OpenSetRule rule(find_calibration(store, model, options.calibration, context),
                         info.examples, options.open_set);
  const Inputs inputs = expand_inputs(options.paths);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceDetector detector(store, device, options.detector);
  const FaceEncoder encoder(store, model, device, options.encoder.options());

  if (!context.json && !context.quiet) print_rule(rule, info, context);
  Reporter reporter(options, rule, context);
  const BatchSummary summary = process_photos(
      inputs, context, "Identifying", kChunk,
      [&](std::size_t, std::span<const fs::path> paths) {
        return encode_faces(paths, detector, encoder);
      },
      [&](const PhotoResult& photo) {
        if (photo.failure) return reporter.add(*photo.failure);
        std::vector<Identification> answers;
        for (const Encoding& encoding : photo.encodings)
          answers.push_back(identify(*gallery, encoding, rule, options.top));
        reporter.add(photo, answers);
      });
  reporter.finish(shown_location(options.gallery), info.examples, model);
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
  command.add_option("--top", options->top, "People to name for a face, closest first")
      ->type_name("K")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str();
  command
      .add_option("--fpir", options->open_set.fpir,
                  "How often a stranger may be taken for somebody in this gallery (default: 1e-2)")
      ->type_name("RATE");
  command
      .add_option("--threshold", options->open_set.threshold,
                  "Largest squared distance, instead of --fpir")
      ->type_name("D");
  command.add_option("--unknown-label", options->unknown_label, "What a stranger is called")
      ->type_name("TEXT")
      ->capture_default_str();
  command
      .add_option("--format", options->format,
                  "text; or face_recognition: two folders, KNOWN UNKNOWN, and lines file,name as "
                  "that program prints them (no gallery is needed)")
      ->check(CLI::IsMember({"text", "face_recognition"}))
      ->capture_default_str();
  command.add_flag("--show-distance", options->show_distance,
                   "With face_recognition: file,name,distance (Euclidean, not squared)");
  add_calibration_option(command, options->calibration);
  add_gallery_options(command, options->gallery);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
