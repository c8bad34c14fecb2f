/// likeness verify A B: do two photos show one person?

#include <algorithm>
#include <filesystem>
#include <future>
#include <optional>
#include <system_error>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/faces/explain.h>
#include <likeness/faces/verifier.h>
#include <likeness/image/codec.h>

#include "calibrations.h"
#include "command.h"
#include "face_json.h"
#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct VerifyOptions {
  std::string photo_a;
  std::string photo_b;
  EncoderChoice encoder;
  DetectorOptions detector;
  VerifierOptions threshold;
  std::string calibration;
  std::string classifier;
  std::optional<double> min_probability;
  std::optional<unsigned> face;
  std::optional<unsigned> face_a;
  std::optional<unsigned> face_b;
  bool strict = false;
  std::string explain;
};

/// One of the two photos on its way through the networks.
struct Photo {
  std::string path;
  std::optional<unsigned> wanted = {};  ///< the face to compare
  Image image = {};
  std::vector<Face> faces = {};
  std::size_t chosen = 0;
  AlignedFace aligned = {};
  Encoding encoding = {};
};

struct Networks {
  FaceDetector detector;
  FaceEncoder encoder;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

/// Throws what can be refused of the thresholds before anything is loaded.
Compare make_comparison(const VerifyOptions& options, EncoderWithClassifier encoder,
                        const ModelStore& store, CommandContext& context) {
  if (encoder.classifier)
    return [verifier = PairVerifier(std::move(*encoder.classifier),
                                    options.min_probability.value_or(0.5))](
               const Encoding& a, const Encoding& b) { return verifier.compare(a, b); };
  if (options.min_probability)
    throw Error(ErrorCode::invalid_argument,
                "--min-probability: needs a pair classifier, --classifier FILE; a distance is "
                "compared with --threshold or --fmr");
  return compare_by_distance(encoder.model,
                             find_calibration(store, encoder.model, options.calibration, context),
                             options.threshold);
}

/// What can be refused before anything is loaded.
void check_options(const VerifyOptions& options) {
  if (options.photo_a == "-" && options.photo_b == "-")
    throw Error(ErrorCode::invalid_argument,
                "only one of the two photos can come from standard input (-)");
  if (options.explain.empty()) return;
  format_from_path(options.explain);
  check_writable(options.explain);
  if (same_file(options.explain, options.photo_a) || same_file(options.explain, options.photo_b))
    throw Error(ErrorCode::invalid_argument,
                "--explain " + options.explain + ": would overwrite the photo; name another file");
}

std::string name_of(const Photo& photo) {
  return photo.path == "-" ? "standard input" : photo.path;
}

std::string list_faces(const std::vector<Face>& faces) {
  std::string text;
  for (std::size_t i = 0; i < faces.size(); ++i)
    text += (i > 0 ? "; " : "") + std::to_string(i) + ": " + describe(faces[i].box);
  return text;
}

/// The face that is compared: the one that was asked for, else the main one.
std::size_t choose_face(const Photo& photo, bool strict) {
  const std::size_t count = photo.faces.size();
  if (count == 0)
    throw Error(ErrorCode::no_face,
                name_of(photo) +
                    ": no face found; use a photo in which the face is larger or "
                    "turned to the camera, or lower --min-score");
  if (photo.wanted) {
    if (*photo.wanted < count) return *photo.wanted;
    throw Error(ErrorCode::invalid_argument,
                name_of(photo) + ": face " + std::to_string(*photo.wanted) +
                    " does not exist, faces: " + list_faces(photo.faces));
  }
  if (strict && count > 1)
    throw Error(ErrorCode::ambiguous_face,
                name_of(photo) + ": " + std::to_string(count) +
                    " faces, choose one with --face-a or --face-b: " + list_faces(photo.faces));
  return main_face(photo.faces, photo.image.width(), photo.image.height());
}

void look_at(Photo& photo, const Networks& networks, bool strict) {
  photo.faces = networks.detector.detect(photo.image);
  photo.chosen = choose_face(photo, strict);
  photo.aligned = networks.encoder.align(photo.image, photo.faces[photo.chosen]);
  photo.encoding = networks.encoder.encode({&photo.aligned, 1}).front();
}

/// Works on both photos at the same time, each with half of the threads: those that share one small
/// network wait for each other longer than they compute, and on a busy machine they waste seconds.
/// An error of the first photo comes before one of the second.
template <class Work>
void for_both(Photo& a, Photo& b, int threads, const Work& work) {
  const int total = threads > 0 ? threads : core_count();
  const auto work_on = [&](Photo& photo) {
    set_thread_count(std::max(1, total / 2));
    work(photo);
  };
  const auto policy = total > 1 ? std::launch::async : std::launch::deferred;
  std::future<void> second = std::async(policy, [&] { work_on(b); });
  work_on(a);
  second.get();
}

Json photo_json(const Photo& photo) {
  Json json = {{"path", photo.path},
               {"width", photo.image.width()},
               {"height", photo.image.height()},
               {"count", photo.faces.size()},
               {"chosen", photo.chosen}};
  json.update(json_of(photo.faces[photo.chosen]));
  return json;
}

Json verdict_json(const Verification& result, const VerifyOptions& options,
                  const std::string& model, const Photo& a, const Photo& b) {
  Json json = {{"same_person", result.same_person}, {"distance", result.distance}};
  if (result.min_probability)
    json["min_probability"] = *result.min_probability;
  else
    json["threshold"] = result.threshold;
  json["probability"] = result.probability ? Json(*result.probability) : Json();
  json["fmr"] = result.fmr ? Json(*result.fmr) : Json();
  json["model"] = model;
  if (result.min_probability) json["classifier"] = options.classifier;
  json["faces"] = {photo_json(a), photo_json(b)};
  return json;
}

std::string to_text(const Verification& result, const std::string& model, const Photo& a,
                    const Photo& b) {
  std::string text = result.same_person ? "same person\n" : "different people\n";
  if (result.min_probability) {
    text += "  probability  " + percent(*result.probability) + " (one person from " +
            percent(*result.min_probability) + ", by the pair classifier)\n";
    text += "  distance     " + fixed(result.distance, 3) + "\n";
    text +=
        "  false match  " + one_in(*result.fmr) + " pairs of strangers is taken for one person\n";
  } else {
    text += "  distance     " + fixed(result.distance, 3) + " (one person up to " +
            fixed(result.threshold, 3) + ")\n";
    if (result.probability)
      text += "  probability  " + percent(*result.probability) + " that both show one person\n";
    text += result.fmr ? "  false match  " + one_in(*result.fmr) +
                             " pairs of strangers lies below the threshold\n"
                       : std::string("  false match  not known: the model is not calibrated\n");
  }
  text += "  model        " + model + "\n";
  for (const Photo* photo : {&a, &b})
    if (photo->faces.size() > 1)
      text += "  " + name_of(*photo) + ": face " + std::to_string(photo->chosen) + " of " +
              std::to_string(photo->faces.size()) + " was compared, choose with --face-" +
              (photo == &a ? "a" : "b") + "\n";
  return text;
}

void write_explanation(const std::string& path, const Verification& result,
                       const std::string& model, const Photo& a, const Photo& b) {
  const auto view = [](const Photo& photo) {
    return ExplainedPhoto{.title = std::filesystem::path(name_of(photo)).filename().string(),
                          .image = photo.image,
                          .faces = photo.faces,
                          .chosen = photo.chosen,
                          .crop = photo.aligned.crops.front()};
  };
  write_image(path, explain_verification(view(a), view(b), result, model));
}

int run_verify(const VerifyOptions& options, CommandContext& context) {
  check_options(options);
  ModelStore store = context.store();
  EncoderWithClassifier encoder = open_encoder(store, options.encoder, options.classifier);
  const std::string model = encoder.model;
  const Compare compare = make_comparison(options, std::move(encoder), store, context);
  const c10::Device device = context.prepare_device();

  // Weights that are at hand load while the photos are decoded. What must be fetched first waits
  // until both photos have turned out to be readable.
  const bool at_hand = missing_weights(store, model).empty();
  std::future<Networks> loading =
      std::async(at_hand ? std::launch::async : std::launch::deferred, [&] {
        fetch_missing_weights(store, model, context);
        return Networks{FaceDetector(store, device, options.detector),
                        FaceEncoder(store, model, device, options.encoder.options())};
      });
  Photo a{.path = options.photo_a, .wanted = options.face_a ? options.face_a : options.face};
  Photo b{.path = options.photo_b, .wanted = options.face_b ? options.face_b : options.face};
  for_both(a, b, context.threads, [](Photo& photo) { photo.image = read_image(photo.path); });
  const Networks networks = loading.get();
  for_both(a, b, context.threads, [&](Photo& photo) { look_at(photo, networks, options.strict); });
  const Verification result = compare(a.encoding, b.encoding);

  if (!options.explain.empty()) write_explanation(options.explain, result, model, a, b);
  if (context.json)
    context.print_json(verdict_json(result, options, model, a, b));
  else
    context.print(to_text(result, model, a, b));
  return result.same_person ? kSamePerson : kDifferentPeople;
}

}  // namespace

void add_verify_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command =
      *add_command(parent, context,
                   {.name = "verify",
                    .summary = "Do two photos show one person?",
                    .examples = "likeness verify anna1.jpg anna2.jpg\n"
                                "likeness verify passport.jpg gate.jpg --fmr 1e-4 --strict --json\n"
                                "likeness verify a.jpg b.jpg --classifier duo-pairs.safetensors\n"
                                "likeness verify group.jpg anna.jpg --face-a 2 --explain why.png\n"
                                "curl -s https://example.org/a.jpg | likeness verify - anna.jpg\n"
                                "likeness verify a.jpg b.jpg --quiet > /dev/null && echo same"},
                   [options, &context] { return run_verify(*options, context); });
  command.add_option("A", options->photo_a, "First photo, - for standard input")->required();
  command.add_option("B", options->photo_b, "Second photo, - for standard input")->required();
  add_encoder_options(command, options->encoder);
  CLI::Option* fmr =
      command.add_option("--fmr", options->threshold.fmr,
                         "Choose the threshold for this false-match rate, for example 1e-3 "
                         "(default: the model's most accurate threshold)");
  fmr->type_name("RATE");
  CLI::Option* threshold =
      command.add_option("--threshold", options->threshold.threshold,
                         "Largest squared distance that counts as one person, 0 to 4");
  threshold->type_name("DISTANCE")->excludes(fmr);
  CLI::Option* calibration = add_calibration_option(command, options->calibration);
  command
      .add_option("--classifier", options->classifier,
                  "Decide with this pair classifier of 'likeness train pair-classifier' instead of "
                  "the distance; it knows its encoder, so that --model can be left out")
      ->type_name("FILE")
      ->excludes(fmr)
      ->excludes(threshold)
      ->excludes(calibration);
  command
      .add_option("--min-probability", options->min_probability,
                  "With a classifier: the probability from which on it is one person (default 0.5)")
      ->type_name("SHARE");
  const auto face_option = [&](const char* name, std::optional<unsigned>& face, const char* text) {
    command.add_option(name, face, text)->type_name("N");
  };
  face_option("--face", options->face,
              "Compare face N of both photos, counted from 0 on the left as 'likeness detect' does "
              "(default: the largest and most central)");
  face_option("--face-a", options->face_a, "The same for the first photo");
  face_option("--face-b", options->face_b, "The same for the second photo");
  command.add_flag("--strict", options->strict,
                   "Fail when a photo has several faces to choose from");
  command
      .add_option("--explain", options->explain,
                  "Draw both photos, the faces, the distance and the verdict")
      ->type_name("OUT.png");
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
