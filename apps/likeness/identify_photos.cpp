#include "identify_photos.h"

#include <algorithm>
#include <utility>

#include <likeness/image/codec.h>

#include "calibrations.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

Json match_json(const Match& match) {
  Json json = {{"subject", match.subject}, {"distance", match.distance}};
  json["probability"] = match.probability ? Json(*match.probability) : Json();
  return json;
}

std::string face_text(const PhotoResult& photo, std::size_t face, const Identification& answer,
                      const std::string& unknown_label) {
  std::string line = photo.path + ": ";
  if (answer.matches.empty()) line += unknown_label;
  for (std::size_t i = 0; i < answer.matches.size(); ++i)
    line += (i == 0 ? "" : ", ") + answer.matches[i].subject + " (distance " +
            fixed(answer.matches[i].distance, 3) + ")";
  if (answer.matches.empty() && answer.nearest)
    line += " (nearest: " + fixed(answer.nearest->distance, 3) + ")";
  if (photo.faces.size() > 1) line += ", face at " + describe(photo.faces[face].box);
  if (answer.ambiguous) line += "; AMBIGUOUS: several people are this near";
  return line + "\n";
}

}  // namespace

void add_identification_options(CLI::App& command, IdentificationChoice& choice) {
  command.add_option("--top", choice.top, "People to name for a face, closest first")
      ->type_name("K")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str();
  command
      .add_option("--fpir", choice.open_set.fpir,
                  "How often a stranger may be taken for somebody in this gallery (default: 1e-2)")
      ->type_name("RATE");
  command
      .add_option("--threshold", choice.open_set.threshold,
                  "Largest squared distance, instead of --fpir")
      ->type_name("D");
  command.add_option("--unknown-label", choice.unknown_label, "What a stranger is called")
      ->type_name("TEXT")
      ->capture_default_str();
  add_calibration_option(command, choice.calibration);
  add_gallery_options(command, choice.gallery);
  add_encoder_options(command, choice.encoder);
  add_detector_options(command, choice.detector);
}

std::vector<PhotoResult> encode_faces(std::span<const fs::path> paths, const FaceDetector& detector,
                                      const FaceEncoder& encoder, const SeenFace& seen) {
  std::vector<AlignedFace> batch;
  std::vector<PhotoResult> photos;
  for (const fs::path& path : paths)
    photos.push_back(attempt(path, [&](PhotoResult& photo) {
      const Image image = read_image(path);
      photo.width = image.width();
      photo.height = image.height();
      photo.faces = detector.detect(image);
      for (const Face& face : photo.faces) {
        batch.push_back(encoder.align(image, face));
        if (seen) seen(photos.size(), batch.back());
      }
    }));
  if (batch.empty()) return photos;
  std::vector<Encoding> encodings = encoder.encode(batch);
  auto next = encodings.begin();
  for (PhotoResult& photo : photos)
    for (std::size_t i = 0; i < photo.faces.size(); ++i)
      photo.encodings.push_back(std::move(*next++));
  return photos;
}

PhotoIdentifier::PhotoIdentifier(const IdentificationChoice& choice, CommandContext& context)
    : choice_(choice), gallery_(open_gallery(choice.gallery)), info_(gallery_->info()) {
  ModelStore store = context.store();
  model_ = encoder_of(info_, store, choice.encoder);
  calibration_ = find_calibration(store, model_, choice.calibration, context);
  rule_.emplace(calibration_, info_.examples, choice.open_set);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model_, context);
  detector_.emplace(store, device, choice.detector);
  encoder_.emplace(store, model_, device, choice.encoder.options());
}

std::vector<PhotoResult> PhotoIdentifier::encode(std::span<const fs::path> paths) const {
  return encode_faces(paths, *detector_, *encoder_);
}

std::vector<Identification> PhotoIdentifier::identify(const PhotoResult& photo) {
  std::vector<Identification> answers;
  for (const Encoding& encoding : photo.encodings)
    answers.push_back(likeness::identify(*gallery_, encoding, *rule_, choice_.top));
  return answers;
}

void PhotoIdentifier::refresh() {
  const std::int64_t examples = info_.examples;
  info_ = gallery_->info();
  if (info_.examples != examples) rule_.emplace(calibration_, info_.examples, choice_.open_set);
}

Json answers_json(const PhotoResult& photo, const std::vector<Identification>& answers) {
  Json faces = Json::array();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Json matches = Json::array();
    for (const Match& match : answers[i].matches) matches.push_back(match_json(match));
    Json face = {{"box", json_of(photo.faces[i].box)},
                 {"matches", std::move(matches)},
                 {"ambiguous", answers[i].ambiguous}};
    faces.push_back(std::move(face));
  }
  return {{"path", photo.path}, {"faces", std::move(faces)}};
}

std::string answers_text(const PhotoResult& photo, const std::vector<Identification>& answers,
                         const std::string& unknown_label) {
  if (answers.empty()) return photo.path + ": no face\n";
  std::string text;
  for (std::size_t i = 0; i < answers.size(); ++i)
    text += face_text(photo, i, answers[i], unknown_label);
  return text;
}

std::size_t count_unknown(const std::vector<Identification>& answers) {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(),
                    [](const Identification& answer) { return answer.matches.empty(); }));
}

std::string describe(const OpenSetRule& rule, const GalleryInfo& info) {
  std::string text = std::to_string(info.subjects) + " people, " + std::to_string(info.examples) +
                     " examples; distance up to " + fixed(rule.threshold(), 3);
  if (rule.fpir()) {
    text += ", a stranger is taken for somebody " + one_in(*rule.fpir());
    if (rule.extrapolated()) text += " (estimated: rarer than was measured)";
  }
  return text;
}

}  // namespace likeness::cli
