#include "train/siamese_setup.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/encoder_network.h>
#include <likeness/train/aligned_faces.h>
#include <likeness/train/face_dataset.h>
#include <likeness/train/frozen_encodings.h>
#include <likeness/train/projection_head.h>

#include "train/benchmark_overlap.h"
#include "train/trainer_options.h"

namespace likeness {
namespace {

/// Part of the crop's size that is kept around it for shifts and rotations.
constexpr int kMarginShare = 8;

/// Finds and aligns the faces of the data set, for one template after the other.
class FaceSource {
 public:
  FaceSource(const ModelStore& store, const SiameseOptions& options, Progress& progress,
             const Cancellation* cancellation)
      : store_(store),
        options_(options),
        progress_(progress),
        cancellation_(cancellation),
        dataset_(without_identities(read_face_dataset(options.data, progress, cancellation),
                                    options.exclude)),
        detector_(store, c10::kCPU, options.detector) {
    leave_out_benchmarks();
  }

  AlignedFaces aligned(const AlignmentTemplate& target) {
    return align_faces(dataset_, recipe(target),
                       {.cache = store_.root() / "faces",
                        .threads = options_.threads,
                        .cancellation = cancellation_},
                       progress_);
  }
  std::string key(const AlignmentTemplate& target) { return cache_key(dataset_, recipe(target)); }
  const std::filesystem::path& root() const { return dataset_.root; }
  /// Who was left out because a benchmark shows them.
  const std::vector<Overlap>& overlaps() const { return overlaps_; }

 private:
  void leave_out_benchmarks() {
    overlaps_ = find_benchmark_overlap(dataset_, options_.benchmarks, store_,
                                       {.cache = store_.root() / "faces",
                                        .threads = options_.threads,
                                        .cancellation = cancellation_},
                                       progress_);
    for (const Overlap& overlap : overlaps_)
      progress_.note("left out, a benchmark has them: " + to_string(overlap));
    dataset_ = without_identities(std::move(dataset_), identities_of(overlaps_));
  }

  AlignmentRecipe recipe(const AlignmentTemplate& target) {
    std::string id = detector_id(store_.manifest());
    const DetectorOptions usual;
    if (options_.detector.min_face != usual.min_face)
      id += " min-face " + std::to_string(options_.detector.min_face);
    if (options_.detector.min_score != usual.min_score)
      id += " min-score " + exact_text(options_.detector.min_score);
    return alignment_recipe(detector_, id, with_margin(target, target.size / kMarginShare));
  }

  const ModelStore& store_;
  const SiameseOptions& options_;
  Progress& progress_;
  const Cancellation* cancellation_;
  FaceDataset dataset_;
  FaceDetector detector_;
  std::vector<Overlap> overlaps_;
};

struct SplitFaces {
  AlignedFaces train;
  AlignedFaces validation;
};

SplitFaces split(const AlignedFaces& faces, const SiameseOptions& options) {
  const std::vector<std::int64_t> counts = faces.face_counts();
  const IdentitySplit parts =
      split_identities(faces.identities, counts, options.validation_share, options.split_seed);
  return {.train = only_identities(faces, parts.train),
          .validation = only_identities(faces, parts.validation)};
}

SiameseSetup counted(const AlignedFaces& all, const SplitFaces& faces) {
  SiameseSetup setup;
  setup.train_identities = static_cast<std::int64_t>(faces.train.identities.size());
  setup.validation_identities = static_cast<std::int64_t>(faces.validation.identities.size());
  setup.skipped = static_cast<std::int64_t>(all.skipped.size());
  return setup;
}

SiameseSetup set_up_compact(FaceSource& source, const SiameseOptions& options) {
  const AlignmentTemplate target =
      scaled_template(arcface_template(), static_cast<int>(options.compact.size));
  const AlignedFaces all = source.aligned(target);
  SplitFaces faces = split(all, options);
  SiameseSetup setup = counted(all, faces);
  setup.train = training_crops(std::move(faces.train), options.augmentation, target);
  setup.validation = training_crops(std::move(faces.validation), options.augmentation, target);
  setup.network =
      compact_network(options.compact, options.trainer.seed, options.trainer.device, options.bf16);
  return setup;
}

bool is_fine_tuning(const SiameseOptions& options) {
  return options.init != "none" && options.trained == Trained::network;
}

SiameseSetup set_up_fine_tuning(FaceSource& source, const ModelStore& store,
                                const SiameseOptions& options, Progress& progress,
                                const Cancellation* cancellation) {
  EncoderNetwork network = encoder_network(store, options.init);
  const AlignedFaces all = source.aligned(network.target);
  SplitFaces faces = split(all, options);
  SiameseSetup setup = counted(all, faces);
  FineTuningOptions tuning = options.fine_tuning;
  tuning.bf16 = options.bf16;
  if (tuning.distil > 0) {
    const FaceEncoder encoder(store, options.init, c10::kCPU);
    const FrozenEncodings frozen =
        frozen_encodings(store, encoder, {&all, 1}, source.key(network.target), {.views = 0},
                         {.threads = options.threads, .cancellation = cancellation}, progress);
    tuning.targets =
        frozen.encodings.select(1, 0).index_select(0, at::tensor(faces.train.rows, at::kLong));
  }
  setup.train = training_crops(std::move(faces.train), options.augmentation, network.target);
  setup.validation =
      training_crops(std::move(faces.validation), options.augmentation, network.target);
  setup.network = fine_tuned_network(std::move(network), store.manifest().find(options.init),
                                     tuning, options.trainer.device);
  return setup;
}

/// The encodings of the training faces, all views, and whose they are.
struct LabelledEncodings {
  at::Tensor encodings;
  std::vector<std::int64_t> labels;
};

LabelledEncodings all_views(const AlignedFaces& faces, const FrozenEncodings& frozen) {
  const at::Tensor own = frozen.encodings.index_select(0, at::tensor(faces.rows, at::kLong));
  LabelledEncodings result{.encodings = own.flatten(0, 1), .labels = {}};
  for (const std::int64_t label : faces.labels)
    result.labels.insert(result.labels.end(), static_cast<std::size_t>(own.size(1)), label);
  return result;
}

ProjectionHeadOptions start_of_head(const HeadOptions& head, const AlignedFaces& train,
                                    const FrozenEncodings& frozen) {
  ProjectionHeadOptions options{.start = identity_map(frozen.encodings.size(2)),
                                .start_name = "identity",
                                .bias = head.bias,
                                .keep = head.keep};
  if (head.start == HeadStart::wccn) {
    const LabelledEncodings views = all_views(train, frozen);
    options.start = within_class_whitening(views.encodings, views.labels, head.shrinkage);
    options.start_name = "wccn, shrinkage " + exact_text(head.shrinkage);
  }
  return options;
}

SiameseSetup set_up_head(FaceSource& source, const ModelStore& store, const SiameseOptions& options,
                         Progress& progress, const Cancellation* cancellation) {
  const FaceEncoder encoder(store, options.init, c10::kCPU);
  std::vector<AlignedFaces> crops;
  std::string keys;
  for (const AlignmentTemplate& target : encoder.templates()) {
    crops.push_back(source.aligned(target));
    keys += source.key(target) + "\n";
  }
  const FrozenEncodings frozen =
      frozen_encodings(store, encoder, crops, keys,
                       {.views = options.head.views,
                        .augmentation = options.augmentation,
                        .seed = options.trainer.seed},
                       {.threads = options.threads, .cancellation = cancellation}, progress);
  const SplitFaces faces = split(crops.front(), options);
  SiameseSetup setup = counted(crops.front(), faces);
  setup.train = encoded_training_faces(faces.train, frozen);
  setup.validation = encoded_training_faces(faces.validation, frozen);
  setup.network =
      projection_head(store.manifest().find(options.init),
                      start_of_head(options.head, faces.train, frozen), options.trainer.device);
  return setup;
}

}  // namespace

void check_layers(const ModelStore& store, const SiameseOptions& options) {
  if (!is_fine_tuning(options)) return;
  const FineTuningOptions& tuning = options.fine_tuning;
  layer_rates(layers_of(*encoder_network(store, options.init).module), tuning.freeze,
              tuning.layer_decay);
}

SiameseSetup set_up(const ModelStore& store, const SiameseOptions& options, Progress& progress,
                    const Cancellation* cancellation) {
  FaceSource source(store, options, progress, cancellation);
  SiameseSetup setup;
  if (is_fine_tuning(options))
    setup = set_up_fine_tuning(source, store, options, progress, cancellation);
  else if (options.trained == Trained::head)
    setup = set_up_head(source, store, options, progress, cancellation);
  else
    setup = set_up_compact(source, options);
  if (options.pair_loss.weight > 0)
    setup.network = with_pair_loss(std::move(setup.network), options.pair_loss,
                                   setup.train->labels(), options.trainer.device);
  setup.pictures = source.root();
  setup.overlaps = source.overlaps();
  return setup;
}

}  // namespace likeness
