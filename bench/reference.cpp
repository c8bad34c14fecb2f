#include "reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/resnet.h>
#include <nlohmann/json.hpp>

#include "support/drawn_picture.h"

namespace likeness::bench {
namespace {

/// Between implementations in float32, as tests/faces/golden_test.cpp states it.
constexpr double kTolerance = 2e-4;
/// bfloat16 keeps 8 bits of each number. The numbers of an encoding of length 1 are about 0.1.
constexpr double kTolerance16 = 0.03;

nlohmann::json read_json(const std::filesystem::path& path) {
  constexpr std::size_t kLargest = std::size_t{64} << 20;
  const Bytes bytes = read_file(path, kLargest);
  try {
    return nlohmann::json::parse(bytes);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::corrupt_file, path.string() + ": " + error.what());
  }
}

Encoding unit_length(Encoding encoding) {
  double sum = 0;
  for (const float value : encoding) sum += static_cast<double>(value) * value;
  for (float& value : encoding) value = static_cast<float>(value / std::sqrt(sum));
  return encoding;
}

/// What flip averaging makes of the encodings of a picture and of its mirror image.
Encoding mean_direction(Encoding a, const Encoding& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b.at(i);
  return unit_length(std::move(a));
}

double largest_difference(const std::vector<Encoding>& found,
                          const std::vector<Encoding>& expected) {
  if (found.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].size() != expected[i].size()) return std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < found[i].size(); ++k) {
      const double difference = std::abs(static_cast<double>(found[i][k]) - expected[i][k]);
      if (!(difference <= largest)) largest = difference;
    }
  }
  return largest;
}

/// Faces with what TensorFlow Lite or cv::dnn make of them.
struct KnownFaces {
  std::vector<FaceCrops> crops;
  std::vector<Encoding> mobilefacenet;
};

KnownFaces drawn_faces(const std::filesystem::path& path) {
  const auto values = read_json(path).at("mobilefacenet").get<Encoding>();
  return {.crops = {drawn_face()}, .mobilefacenet = {unit_length(values)}};
}

KnownFaces real_faces(const std::filesystem::path& path) {
  KnownFaces known;
  const auto folder = path.parent_path();
  for (const auto& entry : read_json(path)) {
    const auto crop = [&](const char* key) {
      return read_image(folder / entry.at(key).get<std::string>());
    };
    known.crops.push_back({.mobilefacenet = crop("crop112"), .resnet = crop("crop150")});
    known.mobilefacenet.push_back(unit_length(entry.at("mobilefacenet_192").get<Encoding>()));
  }
  return known;
}

/// Compares encoders over one set of faces.
class Checker {
 public:
  Checker(const ModelStore& store, DlibResNet& dlib, const KnownFaces& known, std::string faces)
      : store_(store), dlib_(dlib), known_(known), faces_(std::move(faces)) {}

  std::vector<Agreement> run(std::size_t batch) {
    for (const bool flip : {false, true}) {
      const auto resnet = dlib_encodings(flip);
      const auto mobilefacenet =
          flip ? flipped(known_.mobilefacenet, "mobilefacenet") : known_.mobilefacenet;
      const std::string suffix = flip ? " with flip" : "";
      compare("resnet" + suffix + ", dlib", "resnet", {.flip = flip}, resnet);
      compare("mobilefacenet" + suffix + ", TensorFlow Lite", "mobilefacenet", {.flip = flip},
              mobilefacenet);
      compare("duo" + suffix + ", its parts", "duo", {.flip = flip},
              combined(mobilefacenet, resnet));
    }
    const auto resnet = dlib_encodings(false);
    compare("resnet in bfloat16, dlib", "resnet", {.flip = false, .bf16 = true}, resnet);
    compare("mobilefacenet in bfloat16, TensorFlow Lite", "mobilefacenet",
            {.flip = false, .bf16 = true}, known_.mobilefacenet);
    compare("resnet in a batch, dlib", "resnet", {.flip = false}, resnet, batch);
    compare("mobilefacenet in a batch, TensorFlow Lite", "mobilefacenet", {.flip = false},
            known_.mobilefacenet, batch);
    return std::move(agreements_);
  }

 private:
  std::vector<Encoding> dlib_encodings(bool flip) {
    std::vector<Encoding> encodings;
    for (const FaceCrops& crops : known_.crops)
      encodings.push_back(dlib_encoding(dlib_, crops.resnet, flip));
    return encodings;
  }

  /// The mirror images have no reference of their own: our encoder sees them without flip.
  std::vector<Encoding> flipped(const std::vector<Encoding>& encodings,
                                const std::string& model) const {
    const FaceEncoder encoder(store_, model, c10::kCPU, {.flip = false});
    std::vector<Encoding> means;
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      const FaceCrops& crops = known_.crops[i];
      const AlignedFace face =
          aligned(store_, model,
                  {.mobilefacenet = mirror(crops.mobilefacenet), .resnet = mirror(crops.resnet)});
      means.push_back(mean_direction(encodings[i], encoder.encode({&face, 1}).front()));
    }
    return means;
  }

  std::vector<Encoding> combined(const std::vector<Encoding>& mobilefacenet,
                                 const std::vector<Encoding>& resnet) const {
    const ModelEntry& duo = store_.manifest().find("duo");
    std::vector<Encoding> joined(resnet.size());
    for (std::size_t i = 0; i < joined.size(); ++i)
      for (std::size_t part = 0; part < duo.parts.size(); ++part)
        for (const float value : duo.parts[part] == "resnet" ? resnet[i] : mobilefacenet[i])
          joined[i].push_back(value * static_cast<float>(std::sqrt(duo.shares[part])));
    return joined;
  }

  /// `batch` 0: each face alone; else at least so many at once, the faces again and again.
  void compare(const std::string& what, const std::string& model, const EncoderOptions& options,
               const std::vector<Encoding>& expected, std::size_t batch = 0) {
    const FaceEncoder encoder(store_, model, c10::kCPU, options);
    std::vector<AlignedFace> faces;
    for (std::size_t i = 0; i < std::max(batch, expected.size()); ++i)
      faces.push_back(aligned(store_, model, known_.crops[i % expected.size()]));
    std::vector<Encoding> found;
    std::vector<Encoding> wanted;
    if (batch > 0) found = encoder.encode(faces);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      if (batch == 0) found.push_back(encoder.encode({&faces[i], 1}).front());
      wanted.push_back(expected[i % expected.size()]);
    }
    agreements_.push_back({.what = what + ": " + faces_,
                           .faces = faces.size(),
                           .difference = largest_difference(found, wanted),
                           .tolerance = options.bf16 ? kTolerance16 : kTolerance});
  }

  const ModelStore& store_;
  DlibResNet& dlib_;
  const KnownFaces& known_;
  std::string faces_;
  std::vector<Agreement> agreements_;
};

}  // namespace

DlibResNet make_dlib_resnet(const ModelStore& store) {
  const TensorMap weights = store.load("resnet");
  return DlibResNet([&](const std::string& name) {
    const auto found = weights.find(name);
    if (found == weights.end())
      throw Error(ErrorCode::corrupt_file, name + ": missing among the weights of resnet");
    // Ours is [out, in].
    const at::Tensor values =
        name == "projection" ? found->second.t().contiguous() : found->second.contiguous();
    return std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  });
}

Encoding dlib_encoding(DlibResNet& dlib, const Image& picture, bool flip) {
  Encoding encoding = unit_length(dlib.encode(picture.pixels()));
  if (!flip) return encoding;
  return mean_direction(std::move(encoding), unit_length(dlib.encode(mirror(picture).pixels())));
}

AlignedFace aligned(const ModelStore& store, const std::string& model, const FaceCrops& crops) {
  const auto crop = [&](const std::string& part) {
    if (part == "resnet") return crops.resnet;
    if (part == "mobilefacenet") return crops.mobilefacenet;
    throw Error(ErrorCode::invalid_argument, "model '" + part + "': no crop of its size is known");
  };
  AlignedFace face;
  const ModelEntry& entry = store.manifest().find(model);
  if (entry.parts.empty()) face.crops.push_back(crop(model));
  for (const std::string& part : entry.parts) face.crops.push_back(crop(part));
  return face;
}

FaceCrops drawn_face() {
  constexpr auto kSmall = static_cast<int>(net::MobileFaceNetImpl::kInputSize);
  constexpr auto kLarge = static_cast<int>(net::ResNetImpl::kInputSize);
  return {.mobilefacenet = drawn_picture(kSmall, kSmall), .resnet = drawn_picture(kLarge, kLarge)};
}

std::vector<Agreement> check_answers(const ModelStore& store, DlibResNet& dlib,
                                     const References& references, std::size_t batch) {
  const KnownFaces drawing = drawn_faces(references.drawing);
  auto agreements = Checker(store, dlib, drawing, "a drawing").run(batch);
  if (!std::filesystem::exists(references.real_faces)) return agreements;
  const KnownFaces faces = real_faces(references.real_faces);
  for (Agreement& agreement : Checker(store, dlib, faces, "real faces").run(batch))
    agreements.push_back(std::move(agreement));
  return agreements;
}

}  // namespace likeness::bench
