#pragma once

/// The answers that encoders must give before their speed counts: those of dlib's network with the
/// same weights, of a TensorFlow Lite graph, and of the encoders that they are made from.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <likeness/faces/encoder.h>
#include <likeness/image/image.h>
#include <likeness/model/store.h>

#include "dlib_resnet.h"

namespace likeness::bench {

/// dlib's network filled with our weights of `resnet`. Throws as ModelStore::load does.
DlibResNet make_dlib_resnet(const ModelStore& store);

/// dlib's encoding, scaled to length 1; with `flip` the mean with that of the mirror image, as
/// FaceEncoder makes it. Requires a picture of 150 × 150 RGB.
Encoding dlib_encoding(DlibResNet& dlib, const Image& picture, bool flip);

/// One face as both networks take it.
struct FaceCrops {
  Image mobilefacenet;  ///< 112 × 112
  Image resnet;         ///< 150 × 150
};

/// The crops in the order of the encoder's networks. `model`: "mobilefacenet", "resnet" or a
/// combination of them.
AlignedFace aligned(const ModelStore& store, const std::string& model, const FaceCrops& crops);

/// tests/support/drawn_picture.h in both sizes.
FaceCrops drawn_face();

/// A comparison with a reference.
struct Agreement {
  std::string what;
  std::size_t faces = 0;
  double difference = 0;  ///< the largest between two numbers of encodings of length 1
  double tolerance = 0;
  /// Written so that NaN does not hold.
  bool holds() const { return difference <= tolerance; }
};

/// Where the references lie.
struct References {
  std::filesystem::path drawing;     ///< tflite.json
  std::filesystem::path real_faces;  ///< golden.json with aligned faces beside it; may be missing
};

/// Compares all encoders that are timed, in float32 and bfloat16, alone and in a batch of `batch`.
/// Throws Error(not_found, corrupt_file) for references that cannot be read.
std::vector<Agreement> check_answers(const ModelStore& store, DlibResNet& dlib,
                                     const References& references, std::size_t batch);

}  // namespace likeness::bench
