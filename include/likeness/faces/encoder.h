#pragma once

/// The encoding f(x) of a face: one half of the Siamese network. Equal people lie close together,
/// different people far apart, in the squared Euclidean distance on the unit sphere (FaceNet,
/// Schroff 2015). Safe to call from many threads.
///
///     const FaceEncoder encoder(store, "duo", c10::kCPU);
///     const Encoding f1 = encoder.encode(photo, face);

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>
#include <likeness/model/store.h>

namespace likeness {

/// A point on the unit sphere: dimensions() numbers with squares that sum to 1.
using Encoding = std::vector<float>;

struct EncoderOptions {
  bool flip = true;   ///< average the encodings of the face and of its mirror image
  bool bf16 = false;  ///< compute in bfloat16
};

/// A face cut out and turned upright, once for each network of the encoder.
struct AlignedFace {
  std::vector<Image> crops;
};

class FaceEncoder {
 public:
  /// `model`: an id of the manifest with the task "face encoder". Throws as ModelStore::load does.
  FaceEncoder(const ModelStore& store, const std::string& model, c10::Device device,
              EncoderOptions options = {});
  ~FaceEncoder();
  FaceEncoder(FaceEncoder&&) noexcept;
  FaceEncoder& operator=(FaceEncoder&&) noexcept;

  const std::string& model() const { return model_; }
  int dimensions() const;
  /// What each network's crops are aligned to, in the order of AlignedFace::crops.
  std::vector<AlignmentTemplate> templates() const;

  /// The crops that encode() takes, one for each network. Where the model's entry asks for five
  /// (ModelEntry::crops), encode() makes the others of them.
  AlignedFace align(const Image& image, const Face& face) const;
  /// One encoding a face, in the same order; batches are formed inside. Requires crops of align().
  std::vector<Encoding> encode(std::span<const AlignedFace> faces) const;
  /// align, then encode.
  Encoding encode(const Image& image, const Face& face) const;

 private:
  struct Networks;
  std::string model_;
  EncoderOptions options_;
  std::unique_ptr<const Networks> networks_;
};

/// The similarity function d = ‖a − b‖², in [0, 4]: 0 = the same encoding. Requires equal sizes.
float squared_distance(std::span<const float> a, std::span<const float> b);

}  // namespace likeness
