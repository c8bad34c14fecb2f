/// likeness cluster DIR: who is in these photos, though nobody has named them?

#include <optional>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/gallery/clusters.h>
#include <likeness/image/transform.h>

#include "calibrations.h"
#include "command.h"
#include "face_json.h"
#include "identify_photos.h"
#include "number_text.h"
#include "people_sheet.h"
#include "person_folders.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEncodedTogether = 4;

struct ClusterOptions {
  std::vector<std::string> paths;
  std::optional<float> threshold;
  std::size_t min_size = 2;
  std::string report;
  std::string out;
  bool link = false;
  bool copy = false;
  std::string calibration;
  EncoderChoice encoder;
  DetectorOptions detector;
};

/// All faces of all photos.
struct FoundFaces {
  std::vector<FoundFace> faces;
  std::vector<Encoding> encodings;
  std::vector<Failure> failures;
  std::size_t photos = 0;
};

/// A folder of n faces has n² pairs, nearly all of strangers: the threshold for one pair joins too
/// many (docs/measurements.md).
constexpr double kDefaultFmr = 1e-4;

/// What stops long work is said before it.
void check_cluster_options(const ClusterOptions& options) {
  if (options.out.empty() && (options.link || options.copy))
    throw Error(ErrorCode::invalid_argument, "--link and --copy: go with --out FOLDER");
  if (options.threshold && !(*options.threshold >= 0 && *options.threshold <= 4))
    throw Error(ErrorCode::invalid_argument, "--threshold: must be a squared distance in [0, 4]");
  if (!options.report.empty()) check_people_sheet(options.report);
  if (!options.out.empty()) check_person_folders(options.out);
}

float threshold_of(const ClusterOptions& options, const ModelStore& store, const std::string& model,
                   CommandContext& context) {
  if (options.threshold) return *options.threshold;
  if (const auto calibration = find_calibration(store, model, options.calibration, context))
    return calibration->points.front().fmr <= kDefaultFmr ? calibration->threshold_at(kDefaultFmr)
                                                          : calibration->default_threshold;
  throw Error(ErrorCode::invalid_argument,
              "model '" + model +
                  "' is not calibrated, so that nobody knows which distance means one person; "
                  "give --threshold, or measure it with 'likeness calibrate'");
}

BatchSummary find_faces(const Inputs& inputs, const FaceDetector& detector,
                        const FaceEncoder& encoder, bool pictures, CommandContext& context,
                        FoundFaces& found) {
  std::vector<std::vector<Image>> crops(inputs.photos.size());  // each filled by one thread
  std::size_t finished = 0;
  return process_photos(
      inputs, context, "Encoding", kEncodedTogether,
      [&](std::size_t first, std::span<const fs::path> paths) {
        return encode_faces(
            paths, detector, encoder, [&](std::size_t photo, const AlignedFace& face) {
              if (!pictures) return;
              crops[first + photo].push_back(resize(face.crops.front(), kSheetFace, kSheetFace));
            });
      },
      [&](const PhotoResult& photo) {
        const std::size_t input = finished++;
        if (photo.failure) {
          context.warn("skipped " + photo.failure->message);
          found.failures.push_back(*photo.failure);
          return;
        }
        ++found.photos;
        for (std::size_t i = 0; i < photo.faces.size(); ++i) {
          found.faces.push_back({photo.path, photo.faces[i].box});
          if (pictures)
            found.faces.back().picture = std::move(crops[input - inputs.failures.size()][i]);
          found.encodings.push_back(photo.encodings[i]);
        }
      });
}

std::vector<Person> group(const FoundFaces& found, float threshold, std::size_t min_size) {
  std::vector<Person> people;
  for (const std::vector<std::size_t>& members : cluster_encodings(found.encodings, threshold)) {
    if (members.size() < min_size) break;  // the largest come first
    Person& person = people.emplace_back();
    for (const std::size_t member : members) person.push_back(&found.faces[member]);
  }
  return people;
}

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::size_t left_out(const FoundFaces& found, const std::vector<Person>& people) {
  std::size_t count = found.faces.size();
  for (const Person& person : people) count -= person.size();
  return count;
}

void print_text(const FoundFaces& found, const std::vector<Person>& people, float threshold,
                CommandContext& context) {
  for (std::size_t i = 0; i < people.size(); ++i) {
    std::string text = "person " + std::to_string(i + 1) + ": " + count_photos(people[i]) + "\n";
    const std::string* previous = nullptr;
    for (const FoundFace* face : people[i]) {
      if (previous == nullptr || *previous != face->path) text += "  " + face->path + "\n";
      previous = &face->path;
    }
    context.print(text);
  }
  std::string text = counted(found.faces.size(), "face", "faces") + " in " +
                     counted(found.photos, "photo", "photos") + ", " +
                     counted(people.size(), "person", "people") + " (distance up to " +
                     fixed(threshold, 3) + ")";
  if (const std::size_t others = left_out(found, people); others > 0)
    text += "; " + counted(others, "face belongs", "faces belong") + " to smaller groups";
  context.print(text + "\n");
}

void print_result(const FoundFaces& found, const std::vector<Person>& people, float threshold,
                  const std::string& model, CommandContext& context) {
  if (!context.json) return print_text(found, people, threshold, context);
  Json json = {{"model", model},
               {"threshold", threshold},
               {"photos", found.photos},
               {"faces", found.faces.size()}};
  json["groups"] = Json::array();
  for (const Person& person : people) {
    Json faces = Json::array();
    for (const FoundFace* face : person)
      faces.push_back({{"path", face->path}, {"box", json_of(face->box)}});
    json["groups"].push_back({{"faces", std::move(faces)}});
  }
  json["left_out"] = left_out(found, people);
  json["skipped"] = Json::array();
  for (const Failure& failure : found.failures) json["skipped"].push_back(json_of(failure));
  context.print_json(json);
}

int run_cluster(const ClusterOptions& options, CommandContext& context) {
  check_cluster_options(options);
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  const float threshold = threshold_of(options, store, model, context);
  const Inputs inputs = expand_inputs(options.paths);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceDetector detector(store, device, options.detector);
  const FaceEncoder encoder(store, model, device, options.encoder.options());

  FoundFaces found;
  const int code =
      find_faces(inputs, detector, encoder, !options.report.empty(), context, found).conclude();
  const std::vector<Person> people = group(found, threshold, options.min_size);
  if (!options.report.empty()) write_people_sheet(options.report, people);
  if (!options.out.empty()) write_person_folders(options.out, people, options.copy);
  print_result(found, people, threshold, model, context);
  return code;
}

}  // namespace

void add_cluster_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<ClusterOptions>();
  CLI::App& command =
      *add_command(parent, context,
                   {.name = "cluster",
                    .summary = "Who is in these photos, though nobody has named them?",
                    .examples = "likeness cluster photos/\n"
                                "likeness cluster photos/ --report people.html\n"
                                "likeness cluster photos/ --out people/ --copy"},
                   [options, &context] { return run_cluster(*options, context); });
  command
      .add_option("DIR", options->paths,
                  "Folders (with all below them), photos or patterns; all of their faces")
      ->required();
  command
      .add_option("--threshold", options->threshold,
                  "Largest mean squared distance between two groups of one person (default: "
                  "where one pair of strangers in 10,000 lies)")
      ->type_name("D");
  command.add_option("--min-size", options->min_size, "Faces that a person must have to be shown")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  command
      .add_option("--report", options->report,
                  "Contact sheet with a row of faces for each person: a page or a picture")
      ->type_name("OUT.html|OUT.png");
  command
      .add_option("--out", options->out,
                  "New folder with person-001, person-002, … and their photos")
      ->type_name("FOLDER");
  CLI::Option* link =
      command.add_flag("--link", options->link, "With --out: relative symbolic links (default)");
  command.add_flag("--copy", options->copy, "With --out: copies")->excludes(link);
  add_calibration_option(command, options->calibration);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
