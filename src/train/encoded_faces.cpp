#include <algorithm>
#include <map>
#include <string>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/worker_pool.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/image/transform.h>
#include <likeness/train/overlap.h>

namespace likeness {
namespace {

/// The size of the only network's crops.
int crop_size_of(const FaceEncoder& encoder, const AlignedFaces& faces) {
  const std::vector<AlignmentTemplate> templates = encoder.templates();
  if (templates.size() != 1)
    throw Error(ErrorCode::invalid_argument,
                "encoder '" + encoder.model() + "' combines " + std::to_string(templates.size()) +
                    " networks; aligned faces have crops for one: name one of its parts");
  const int size = templates.front().size;
  if (faces.size() > 0 && faces.crop_size() < size)
    throw Error(ErrorCode::invalid_argument, "crops of " + std::to_string(faces.crop_size()) +
                                                 " px are too small for '" + encoder.model() +
                                                 "', which takes " + std::to_string(size));
  return size;
}

AlignedFace middle(const Image& image, int size) {
  const int margin = (image.width() - size) / 2;
  return {.crops = {margin == 0 ? image : crop(image, margin, margin, size, size)}};
}

void put(const std::vector<Encoding>& encodings, at::Tensor rows) {
  for (std::size_t i = 0; i < encodings.size(); ++i)
    std::copy(encodings[i].begin(), encodings[i].end(),
              rows.data_ptr<float>() + static_cast<std::int64_t>(i) * rows.size(1));
}

}  // namespace

EncodedFaces encode_faces(const AlignedFaces& faces, const FaceEncoder& encoder,
                          const EncodeOptions& options, Progress& progress) {
  constexpr std::int64_t kBatch = 16;
  LIKENESS_CHECK(options.threads >= 0);
  const int size = crop_size_of(encoder, faces);
  EncodedFaces encoded{.encodings = at::empty({faces.size(), encoder.dimensions()}, at::kFloat),
                       .labels = faces.labels,
                       .identities = faces.identities,
                       .pictures = faces.pictures};
  const ThreadCountKeeper keeper;
  progress.begin("Encoding faces", faces.size());
  run_jobs(
      static_cast<std::size_t>((faces.size() + kBatch - 1) / kBatch),
      options.threads == 0 ? core_count() : options.threads,
      [&](std::size_t job) {
        at::set_num_threads(1);  // a setting of the thread
        if (options.cancellation != nullptr) options.cancellation->check();
        const std::int64_t first = static_cast<std::int64_t>(job) * kBatch;
        const std::int64_t last = std::min(first + kBatch, faces.size());
        std::vector<AlignedFace> batch;
        for (std::int64_t i = first; i < last; ++i) batch.push_back(middle(faces.crop(i), size));
        put(encoder.encode(batch), encoded.encodings.slice(0, first, last));
      },
      [&](std::size_t finished) {
        progress.update(std::min(static_cast<std::int64_t>(finished) * kBatch, faces.size()));
      });
  progress.end();
  return encoded;
}

EncodedFaces encoded_faces(const EncodedPictures& pictures) {
  EncodedFaces result;
  std::map<std::string, std::int64_t> numbers;
  std::vector<Encoding> encodings;
  for (const auto& [picture, found] : pictures) {
    if (!found) continue;
    const std::string name = person_of(picture);
    const auto number = static_cast<std::int64_t>(numbers.size());
    const auto [place, is_new] = numbers.emplace(name, number);
    if (is_new) result.identities.push_back(name);
    result.labels.push_back(place->second);
    result.pictures.push_back(picture);
    encodings.push_back(found->encoding);
  }
  const auto count = static_cast<std::int64_t>(encodings.size());
  const auto dimensions =
      encodings.empty() ? 0 : static_cast<std::int64_t>(encodings.front().size());
  for (const Encoding& encoding : encodings)
    LIKENESS_CHECK(static_cast<std::int64_t>(encoding.size()) == dimensions);
  result.encodings = at::empty({count, dimensions}, at::kFloat);
  put(encodings, result.encodings);
  return result;
}

}  // namespace likeness
