/// likeness enroll NAME PHOTO…: from now on this person is known.

#include <filesystem>
#include <optional>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/faces/quality.h>
#include <likeness/gallery/face_crop.h>
#include <likeness/gallery/open_set.h>
#include <likeness/gallery/vector_index.h>
#include <likeness/image/codec.h>

#include "calibrations.h"
#include "command.h"
#include "enroll_plan.h"
#include "face_json.h"
#include "gallery_choice.h"
#include "networks.h"
#include "number_text.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEnrolledTogether = 8;
/// Photos that one transaction of --dir enrols: the disk is waited for once for all of them.
constexpr std::size_t kStoredTogether = 64;

struct EnrollOptions {
  std::vector<std::string> arguments;
  std::string folder;
  GalleryChoice gallery;
  EncoderChoice encoder;
  DetectorOptions detector;
  bool keep_crops = false;
};

/// What became of a photo, beside what PhotoResult says.
struct Enrolled {
  NewExample example;
  std::vector<std::string> remarks;
  bool already = false;
};

class Enroller {
 public:
  Enroller(const EnrollOptions& options, const EnrolPlan& plan, Gallery& gallery,
           const FaceDetector& detector, const FaceEncoder& encoder)
      : options_(options),
        plan_(plan),
        gallery_(gallery),
        detector_(detector),
        encoder_(encoder),
        enrolled_(plan.inputs.photos.size()) {}

  /// Called from many threads, each with photos of its own.
  std::vector<PhotoResult> work(std::size_t first, std::span<const fs::path> paths) {
    std::vector<PhotoResult> photos;
    std::vector<AlignedFace> batch;
    for (std::size_t i = 0; i < paths.size(); ++i)
      photos.push_back(attempt(paths[i], [&](PhotoResult& photo) {
        if (auto face = read(paths[i], first + i, photo)) batch.push_back(*std::move(face));
      }));
    if (batch.empty()) return photos;
    std::vector<Encoding> encodings = encoder_.encode(batch);
    auto next = encodings.begin();
    for (std::size_t i = 0; i < photos.size(); ++i)
      if (!photos[i].failure && !enrolled_[first + i].already)
        enrolled_[first + i].example.encoding = std::move(*next++);
    return photos;
  }
  Enrolled& of(std::size_t photo) { return enrolled_[photo]; }

 private:
  std::optional<AlignedFace> read(const fs::path& path, std::size_t index, PhotoResult& photo) {
    const DecodeLimits limits;
    const Bytes bytes =
        path == "-" ? read_standard_input(limits.max_bytes) : read_file(path, limits.max_bytes);
    Enrolled& result = enrolled_[index];
    result.example.source_digest = sha256(bytes);
    result.already = gallery_.has_source(plan_.subjects[index], result.example.source_digest);
    if (result.already) return {};
    const Image image = decode_image(bytes, path.string(), limits);
    photo.faces = detector_.detect(image);
    if (photo.faces.empty())
      throw Error(ErrorCode::no_face,
                  path.string() + ": no face found; lower --min-score to look for harder ones");
    const std::size_t main = main_face(photo.faces, image.width(), image.height());
    const Face& face = photo.faces[main];
    photo.encoded = {main};
    const FaceQuality quality = assess_quality(image, face);
    result.remarks = remarks(quality);
    if (photo.faces.size() > 1)
      result.remarks.push_back("shows " + std::to_string(photo.faces.size()) +
                               " faces; the largest and most central one was taken");
    result.example.source = shown_name(path);
    result.example.face = static_cast<int>(main);
    result.example.quality = quality.score;
    if (options_.keep_crops) result.example.crop = to_bytes(cut_face(image, face));
    return encoder_.align(image, face);
  }
  /// The file's name as text: what is not UTF-8 in it becomes '?'.
  static std::string shown_name(const fs::path& path) {
    const std::string quoted = in_quotes(path.filename().string());
    return quoted.substr(1, quoted.size() - 2);
  }

  const EnrollOptions& options_;
  const EnrolPlan& plan_;
  Gallery& gallery_;
  const FaceDetector& detector_;
  const FaceEncoder& encoder_;
  std::vector<Enrolled> enrolled_;
};

/// Puts what comes in into the gallery, many at a time, and tells the user.
class Registrar {
 public:
  Registrar(Gallery& gallery, const std::optional<OpenSetRule>& rule, CommandContext& context)
      : gallery_(gallery), rule_(rule), context_(context), actor_(current_actor()) {}

  void add(const std::string& path, const std::string& subject, Enrolled& enrolled) {
    Json line = {{"path", path}, {"subject", subject}};
    if (enrolled.already) {
      ++already_;
      line["already_enrolled"] = true;
      photos_.push_back(std::move(line));
      return;
    }
    if (const auto other = somebody_else(subject, enrolled.example.encoding)) {
      enrolled.remarks.push_back("looks like " + in_quotes(other->subject) +
                                 ", who is enrolled already (distance " +
                                 fixed(other->distance, 3) + ")");
      line["looks_like"] = other->subject;
    }
    line["quality"] = enrolled.example.quality;
    line["remarks"] = enrolled.remarks;
    for (const std::string& remark : enrolled.remarks) context_.warn(path + ": " + remark);
    photos_.push_back(std::move(line));
    waiting_.push_back({subject, {std::move(enrolled.example)}});
    if (waiting_.size() == kStoredTogether) flush();
  }
  void add(const Failure& failure) {
    context_.warn("skipped " + failure.message);
    failed_.push_back(json_of(failure));
  }
  void flush() {
    if (waiting_.empty()) return;
    const std::int64_t added = gallery_.enroll(waiting_, actor_);
    already_ += static_cast<std::int64_t>(waiting_.size()) - added;
    added_ += added;
    waiting_.clear();
  }

  std::int64_t added() const { return added_; }
  std::int64_t already() const { return already_; }
  Json json() const {
    return {{"enrolled", added_},
            {"already_enrolled", already_},
            {"photos", photos_},
            {"failed", failed_}};
  }

 private:
  /// An enrolled person, or one who waits, of another name who is as near as the same person would
  /// be.
  std::optional<Match> somebody_else(const std::string& subject, const Encoding& encoding) {
    if (!rule_) return {};
    for (const Neighbour& neighbour : gallery_.nearest(encoding, 3)) {
      if (neighbour.distance > rule_->threshold()) break;
      if (neighbour.subject != subject)
        return Match{neighbour.subject, neighbour.example, neighbour.distance};
    }
    for (const Enrolment& other : waiting_) {
      const float distance = squared_distance(other.examples.front().encoding, encoding);
      if (other.subject != subject && distance <= rule_->threshold())
        return Match{other.subject, 0, distance};
    }
    return {};
  }

  Gallery& gallery_;
  const std::optional<OpenSetRule>& rule_;
  CommandContext& context_;
  std::string actor_;
  std::vector<Enrolment> waiting_;
  std::int64_t added_ = 0;
  std::int64_t already_ = 0;
  Json photos_ = Json::array();
  Json failed_ = Json::array();
};

/// The rule for "this seems to be somebody else"; none for a model without calibration.
std::optional<OpenSetRule> doubts_rule(const ModelStore& store, const std::string& model,
                                       std::int64_t examples, CommandContext& context) {
  std::optional<Calibration> calibration = find_calibration(store, model, {}, context);
  if (!calibration) return {};
  return OpenSetRule(std::move(calibration), examples);
}

int run_enroll(const EnrollOptions& options, CommandContext& context) {
  const EnrolPlan plan = plan_enrolment(options.arguments, options.folder);
  ModelStore store = context.store();
  std::unique_ptr<Gallery> gallery;
  std::string model = open_face_encoder(store, options.encoder.model);
  if (gallery_exists(options.gallery)) {
    gallery = open_gallery(options.gallery);
    model = encoder_of(gallery->info(), store, options.encoder);
  }
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceDetector detector(store, device, options.detector);
  const FaceEncoder encoder(store, model, device, options.encoder.options());
  if (!gallery)
    gallery =
        create_gallery(options.gallery, gallery_model(store, model, encoder.dimensions()), context);

  const auto photos = static_cast<std::int64_t>(plan.inputs.photos.size());
  const std::optional<OpenSetRule> rule =
      doubts_rule(store, model, gallery->info().examples + photos, context);
  Enroller enroller(options, plan, *gallery, detector, encoder);
  Registrar registrar(*gallery, rule, context);
  std::size_t consumed = 0;
  const BatchSummary summary = process_photos(
      plan.inputs, context, "Enrolling", kEnrolledTogether,
      [&](std::size_t first, std::span<const fs::path> paths) {
        return enroller.work(first, paths);
      },
      [&](const PhotoResult& result) {
        const std::size_t turn = consumed++;
        if (result.failure) return registrar.add(*result.failure);
        const std::size_t photo = turn - plan.inputs.failures.size();
        registrar.add(result.path, plan.subjects[photo], enroller.of(photo));
      });
  registrar.flush();
  if (gallery->info().examples >= static_cast<std::int64_t>(kGraphFrom) && registrar.added() > 0)
    gallery->rebuild_index();
  if (context.json) {
    Json json = registrar.json();
    json["gallery"] = shown_location(options.gallery);
    json["model"] = model;
    context.print_json(json);
  } else if (registrar.added() + registrar.already() > 0) {
    context.print(std::to_string(registrar.added()) + " enrolled in " +
                  shown_location(options.gallery) +
                  (registrar.already() > 0
                       ? ", " + std::to_string(registrar.already()) + " were there already\n"
                       : "\n"));
  }
  return summary.conclude();
}

}  // namespace

void add_enroll_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<EnrollOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "enroll",
       .summary = "Enrol people from photos, so that identify finds them again",
       .examples = "likeness enroll Anna anna.jpg\n"
                   "likeness enroll 'Anna Smith' passport.jpg holiday.jpg\n"
                   "likeness enroll --dir people/     (people/Anna/1.jpg, people/Berta.jpg)\n"
                   "mpirun -n 4 likeness enroll --dir people/ --threads 1"},
      [options, &context] { return run_enroll(*options, context); });
  command.add_option("NAME PHOTO", options->arguments, "A name, and photos of this person");
  command
      .add_option("--dir", options->folder,
                  "Enrol a folder: one folder a person, or NAME.jpg. A second run does what is "
                  "missing; processes of torchrun, srun or mpirun share the work")
      ->type_name("DIR");
  command.add_flag("--keep-crops", options->keep_crops,
                   "Keep the faces' pictures, to encode them again when the model changes");
  add_gallery_options(command, options->gallery);
  add_creation_options(command, options->gallery);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
