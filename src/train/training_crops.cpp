#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/training_faces.h>

namespace likeness {
namespace {

class TrainingCrops : public TrainingFaces {
 public:
  TrainingCrops(AlignedFaces faces, const AugmentationOptions& augmentation,
                const AlignmentTemplate& target)
      : faces_(std::move(faces)),
        augmentation_(augmentation, target),
        plain_(AugmentationOptions::none(), target) {
    LIKENESS_CHECK(faces_.size() > 0 && faces_.crop_size() >= target.size);
  }

  const std::vector<std::int64_t>& labels() const override { return faces_.labels; }
  const std::string& picture(std::int64_t face) const override { return faces_.pictures.at(face); }

  std::string fingerprint() const override {
    std::string text = std::to_string(faces_.crop_size()) + "\n";
    for (const std::string& name : faces_.identities) text += name + "\n";
    for (std::int64_t i = 0; i < faces_.size(); ++i)
      text += faces_.pictures[i] + "\t" + std::to_string(faces_.labels[i]) + "\n";
    return sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

  at::Tensor varied(std::span<const std::int64_t> faces, std::uint64_t seed, int threads,
                    std::int64_t first) const override {
    return augmentation_.batch(faces_.pixels, rows_of(faces), seed, threads, first);
  }

  std::vector<at::Tensor> views(std::span<const std::int64_t> faces, int threads) const override {
    const at::Tensor crops = plain_.batch(faces_.pixels, rows_of(faces), 0, threads);
    return {crops, crops.flip(2)};
  }

 private:
  std::vector<std::int64_t> rows_of(std::span<const std::int64_t> faces) const {
    std::vector<std::int64_t> rows;
    rows.reserve(faces.size());
    for (const std::int64_t face : faces) rows.push_back(faces_.rows.at(face));
    return rows;
  }

  AlignedFaces faces_;
  Augmentation augmentation_;
  Augmentation plain_;
};

}  // namespace

std::unique_ptr<TrainingFaces> training_crops(AlignedFaces faces,
                                              const AugmentationOptions& augmentation,
                                              const AlignmentTemplate& target) {
  return std::make_unique<TrainingCrops>(std::move(faces), augmentation, target);
}

std::unique_ptr<TrainingFaces> training_crops(AlignedFaces faces,
                                              const AugmentationOptions& augmentation, int size) {
  return training_crops(std::move(faces), augmentation, scaled_template(arcface_template(), size));
}

}  // namespace likeness
