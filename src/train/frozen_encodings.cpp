#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/worker_pool.h>
#include <likeness/image/transform.h>
#include <likeness/model/safetensors.h>
#include <likeness/train/frozen_encodings.h>

#include "train/seeds.h"
#include "train/trainer_options.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr char kEncodings[] = "encodings";
constexpr char kKey[] = "key";

std::string digest(const std::string& text) {
  return sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

AugmentationOptions without_flip(AugmentationOptions options) {
  options.flip.probability = 0;
  return options;
}

std::string to_text(const AugmentationOptions& o) {
  std::string text;
  for (const double value : {o.affine.probability,
                             o.affine.degrees,
                             o.affine.scale,
                             o.affine.shift,
                             o.pose.probability,
                             o.pose.degrees,
                             o.colour.probability,
                             o.colour.brightness,
                             o.colour.contrast,
                             o.colour.saturation,
                             o.colour.tint,
                             o.colour.grey_probability,
                             o.cutout.probability,
                             o.cutout.smallest,
                             o.cutout.largest,
                             o.blur.probability,
                             o.blur.sigma,
                             o.blur.shrink,
                             o.jpeg.probability,
                             static_cast<double>(o.jpeg.lowest_quality),
                             static_cast<double>(o.jpeg.highest_quality)})
    text += exact_text(value) + " ";
  return text;
}

/// Everything that the encodings depend on.
std::string key_of(const ModelStore& store, const std::string& model, const std::string& source,
                   const ViewOptions& views) {
  constexpr char kVersion[] = "frozen encodings 1";
  const ModelEntry& entry = store.manifest().find(model);
  std::string text = std::string(kVersion) + "\n" + source + "\n" + entry.sha256 + "\n";
  for (std::size_t i = 0; i < entry.parts.size(); ++i)
    text += store.manifest().find(entry.parts[i]).sha256 + " " + exact_text(entry.shares[i]) + "\n";
  if (entry.crops != 1) text += "crops " + std::to_string(entry.crops) + "\n";
  text += std::to_string(views.views) + " " + std::to_string(views.seed) + "\n";
  if (views.views > 0) text += to_text(views.augmentation);
  return digest(text);
}

void check_crops(std::span<const AlignedFaces> crops,
                 const std::vector<AlignmentTemplate>& templates, const std::string& model) {
  LIKENESS_CHECK(crops.size() == templates.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    LIKENESS_CHECK(crops[i].size() == crops[i].pixels.size(0));
    if (crops[i].pictures != crops[0].pictures)
      throw Error(ErrorCode::invalid_argument,
                  "the crops for the networks of '" + model + "' are of different pictures");
    if (crops[i].crop_size() < templates[i].size)
      throw Error(ErrorCode::invalid_argument,
                  "crops of " + std::to_string(crops[i].crop_size()) + " px are too small for '" +
                      model + "', which takes " + std::to_string(templates[i].size));
  }
}

Image middle(const Image& image, int size) {
  const int margin = (image.width() - size) / 2;
  return margin == 0 ? image : crop(image, margin, margin, size, size);
}

class EncodedTrainingFaces : public TrainingFaces {
 public:
  EncodedTrainingFaces(const AlignedFaces& faces, const FrozenEncodings& frozen)
      : labels_(faces.labels),
        pictures_(faces.pictures),
        encodings_(frozen.encodings.index_select(0, at::tensor(faces.rows, at::kLong))) {
    std::string text = frozen.key + "\n";
    for (std::size_t i = 0; i < labels_.size(); ++i)
      text += pictures_[i] + "\t" + std::to_string(labels_[i]) + "\n";
    fingerprint_ = digest(text);
  }

  const std::vector<std::int64_t>& labels() const override { return labels_; }
  const std::string& picture(std::int64_t face) const override { return pictures_.at(face); }
  std::string fingerprint() const override { return fingerprint_; }

  at::Tensor varied(std::span<const std::int64_t> faces, std::uint64_t seed, int,
                    std::int64_t first) const override {
    const auto views = static_cast<std::uint64_t>(encodings_.size(1));
    Random random(seed);
    for (std::int64_t place = 0; place < first; ++place) random.below(views);  // other processes'
    std::vector<std::int64_t> rows;
    for (const std::int64_t face : faces)
      rows.push_back(face * encodings_.size(1) + static_cast<std::int64_t>(random.below(views)));
    return encodings_.flatten(0, 1).index_select(0, at::tensor(rows, at::kLong));
  }
  std::vector<at::Tensor> views(std::span<const std::int64_t> faces, int) const override {
    const std::vector<std::int64_t> rows(faces.begin(), faces.end());
    return {encodings_.select(1, 0).index_select(0, at::tensor(rows, at::kLong))};
  }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<std::string> pictures_;
  at::Tensor encodings_;
  std::string fingerprint_;
};

/// What the file at `path` holds for `key`; undefined when there is none, or another's.
at::Tensor read_encodings(const fs::path& path, const std::string& key) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  const TensorFile file = read_safetensors(path);
  const auto kept = file.metadata.find(kKey);
  const auto found = file.tensors.find(kEncodings);
  if (kept == file.metadata.end() || kept->second != key || found == file.tensors.end()) return {};
  return found->second;
}

}  // namespace

at::Tensor encode_views(std::span<const AlignedFaces> crops, const FaceEncoder& encoder,
                        const ViewOptions& views, const EncodeOptions& options,
                        Progress& progress) {
  LIKENESS_CHECK(views.views >= 0 && options.threads >= 0);
  const std::vector<AlignmentTemplate> templates = encoder.templates();
  check_crops(crops, templates, encoder.model());
  std::vector<Augmentation> augmentations;
  augmentations.reserve(templates.size());
  for (const AlignmentTemplate& target : templates)
    augmentations.emplace_back(without_flip(views.augmentation), target);

  const std::int64_t rows = crops[0].size();
  const std::int64_t of_each = 1 + views.views;
  at::Tensor encodings = at::empty({rows, of_each, encoder.dimensions()}, at::kFloat);
  const auto view = [&](std::int64_t row, std::int64_t number) {
    AlignedFace face;
    for (std::size_t i = 0; i < crops.size(); ++i) {
      const Image crop = crops[i].crop(row);
      Random random(derived_seed(views.seed, SeedStream::features,
                                 static_cast<std::uint64_t>(row * of_each + number)));
      face.crops.push_back(number == 0 ? middle(crop, templates[i].size)
                                       : augmentations[i].apply(crop, random));
    }
    return face;
  };
  const ThreadCountKeeper keeper;
  progress.begin("Encoding faces", rows);
  run_jobs(
      static_cast<std::size_t>(rows), options.threads == 0 ? core_count() : options.threads,
      [&](std::size_t job) {
        at::set_num_threads(1);  // a setting of the thread
        if (options.cancellation != nullptr) options.cancellation->check();
        const auto row = static_cast<std::int64_t>(job);
        std::vector<AlignedFace> faces;
        for (std::int64_t number = 0; number < of_each; ++number)
          faces.push_back(view(row, number));
        float* target = encodings[row].data_ptr<float>();
        for (const Encoding& encoding : encoder.encode(faces))
          target = std::copy(encoding.begin(), encoding.end(), target);
      },
      [&](std::size_t finished) { progress.update(static_cast<std::int64_t>(finished)); });
  progress.end();
  return encodings;
}

FrozenEncodings frozen_encodings(const ModelStore& store, const FaceEncoder& encoder,
                                 std::span<const AlignedFaces> crops, const std::string& source,
                                 const ViewOptions& views, const EncodeOptions& options,
                                 Progress& progress) {
  constexpr std::size_t kDigits = 12;
  const std::string key = key_of(store, encoder.model(), source, views);
  const fs::path folder = store.root() / "encodings";
  const fs::path path = folder / (encoder.model() + "-" + key.substr(0, kDigits) + ".safetensors");
  try {
    if (const at::Tensor kept = read_encodings(path, key); kept.defined()) return {kept, key};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt_file) throw;
    progress.note(std::string(error.what()) + "; made again");
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": " + error.message());
  const at::Tensor encodings = encode_views(crops, encoder, views, options, progress);
  write_safetensors(path, {.tensors = {{kEncodings, encodings}}, .metadata = {{kKey, key}}});
  return {encodings, key};
}

std::unique_ptr<TrainingFaces> encoded_training_faces(const AlignedFaces& faces,
                                                      const FrozenEncodings& frozen) {
  return std::make_unique<EncodedTrainingFaces>(faces, frozen);
}

}  // namespace likeness
