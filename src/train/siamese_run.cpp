#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/faces/alignment.h>
#include <likeness/train/aligned_faces.h>
#include <likeness/train/face_dataset.h>
#include <likeness/train/sampler.h>
#include <likeness/train/siamese_network.h>
#include <likeness/train/siamese_run.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Part of the crop's size that is kept around it for shifts and rotations.
constexpr int kMarginShare = 8;

struct SplitFaces {
  AlignedFaces train;
  AlignedFaces validation;
};

/// The id that a folder's name gives: small letters, digits and underscores.
std::string id_from(const fs::path& folder) {
  std::string id;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const std::string name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    id += plain ? lower : '_';
  }
  return id;
}

void check_id(const ModelStore& store, const std::string& id) {
  for (const ModelEntry& entry : store.manifest().models)
    if (entry.id == id && entry.file.empty())
      throw Error(ErrorCode::invalid_argument,
                  "the model would be called '" + id +
                      "' like a built-in one; choose another --id or --out");
}

void prepare_folder(const SiameseOptions& options) {
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) throw Error(ErrorCode::write_failed, options.out.string() + ": " + error.message());
  check_writable(options.out / "model.json");
  if (!options.resume && fs::exists(options.out / "checkpoint.safetensors", error))
    throw Error(ErrorCode::invalid_argument,
                options.out.string() +
                    ": a run is there already; go on with --resume, or choose "
                    "another --out");
}

AlignedFaces load_faces(const ModelStore& store, const SiameseOptions& options, Progress& progress,
                        const Cancellation* cancellation) {
  const FaceDataset dataset =
      without_identities(read_face_dataset(options.data, progress), options.exclude);
  const FaceDetector detector(store, c10::kCPU, options.detector);
  const auto size = static_cast<int>(options.compact.size);
  const AlignmentTemplate target =
      with_margin(scaled_template(arcface_template(), size), size / kMarginShare);
  return align_faces(
      dataset, alignment_recipe(detector, detector_id(store), target),
      {.cache = store.root() / "faces", .threads = options.threads, .cancellation = cancellation},
      progress);
}

SplitFaces split(const AlignedFaces& faces, const SiameseOptions& options) {
  const std::vector<std::int64_t> counts = faces.face_counts();
  const IdentitySplit parts =
      split_identities(faces.identities, counts, options.validation_share, options.split_seed);
  return {.train = only_identities(faces, parts.train),
          .validation = only_identities(faces, parts.validation)};
}

std::int64_t steps_of(const SiameseOptions& options, const AlignedFaces& faces) {
  if (options.epochs <= 0) return options.trainer.schedule.steps;
  const IdentitySampler sampler(faces.labels, options.trainer.sampler, options.trainer.seed);
  return static_cast<std::int64_t>(
      std::ceil(options.epochs * static_cast<double>(sampler.batches_per_epoch()) /
                options.trainer.accumulation));
}

std::string percent(double share) {
  std::ostringstream text;
  text.precision(4);
  text << 100 * share << " %";
  return text.str();
}

void describe(ModelEntry& entry, const SiameseOptions& options, const SiameseResult& result) {
  entry.id = options.id;
  entry.task = "face encoder";
  entry.summary = "trained by 'likeness train siamese' with the triplet loss, " +
                  std::string(to_string(options.trainer.mining.strategy)) + " mining";
  entry.licence = "that of its training data";
  const ValidationMeasures& best = result.training.best;
  entry.quality = "validation, " + std::to_string(result.validation_faces) + " faces of " +
                  std::to_string(result.validation_identities) + " other people: TAR " +
                  percent(best.tar_1e2) + " at FAR 1e-2, " + percent(best.tar_1e3) +
                  " at 1e-3, EER " + percent(best.eer);
  entry.training = {{"data", options.data.string() + ": " + std::to_string(result.faces) +
                                 " faces of " + std::to_string(result.identities) + " people"},
                    {"init", options.init},
                    {"seed", std::to_string(options.trainer.seed)},
                    {"steps", std::to_string(best.step) + " of " +
                                  std::to_string(options.trainer.schedule.steps)},
                    {"parameters", std::to_string(result.parameters)}};
  if (!options.command.empty()) entry.training["command"] = options.command;
}

std::int64_t count_parameters(SiameseNetwork& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.module().parameters()) count += parameter.numel();
  return count;
}

}  // namespace

void check_siamese_options(const SiameseOptions& options) {
  if (options.init != "none")
    throw Error(
        ErrorCode::invalid_argument,
        "--init " + options.init + ": not known; use none (a compact encoder with random weights)");
  settings_of(options.trainer);
}

SiameseResult train_siamese(const ModelStore& store, const SiameseOptions& given,
                            Progress& progress, const Cancellation* cancellation) {
  SiameseOptions options = given;
  check_siamese_options(options);
  if (options.id.empty()) options.id = id_from(options.out);
  check_id(store, options.id);
  prepare_folder(options);
  const AlignedFaces all = load_faces(store, options, progress, cancellation);
  SplitFaces faces = split(all, options);
  options.trainer.schedule.steps = steps_of(options, faces.train);

  SiameseResult result;
  result.skipped = static_cast<std::int64_t>(all.skipped.size());
  result.faces = faces.train.size();
  result.identities = static_cast<std::int64_t>(faces.train.identities.size());
  result.validation_faces = faces.validation.size();
  result.validation_identities = static_cast<std::int64_t>(faces.validation.identities.size());

  const auto size = static_cast<int>(options.compact.size);
  const auto train = training_crops(std::move(faces.train), options.augmentation, size);
  const auto validation = training_crops(std::move(faces.validation), options.augmentation, size);
  const auto network =
      compact_network(options.compact, options.trainer.seed, options.trainer.device, options.bf16);
  result.parameters = count_parameters(*network);
  SiameseTrainer trainer(*network, *train, *validation, options.trainer);
  std::optional<ProcessGroup> processes;
  if (options.processes)
    processes.emplace(*options.processes, options.trainer.device, options.process_timeout);
  result.training = trainer.run({.folder = options.out,
                                 .log = options.log,
                                 .resume = options.resume,
                                 .processes = processes ? &*processes : nullptr},
                                progress, cancellation);
  LocalModel model = trainer.best();
  describe(model.entry, options, result);
  result.model = !processes || processes->is_first()
                     ? write_local_model(options.out, std::move(model), options.precision)
                     : std::move(model.entry);
  return result;
}

}  // namespace likeness
