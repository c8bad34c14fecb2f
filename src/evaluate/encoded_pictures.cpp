#include <algorithm>
#include <cstddef>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/worker_pool.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/image/codec.h>

namespace likeness {
namespace {

bool is_about_the_picture(ErrorCode code) {
  return code == ErrorCode::corrupt_file || code == ErrorCode::unsupported_format ||
         code == ErrorCode::too_large || code == ErrorCode::unreadable;
}

/// Nothing when the picture cannot be decoded.
std::optional<Image> try_read(const std::filesystem::path& path, NoteQueue& notes) {
  try {
    return read_image(path);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found)
      throw Error(ErrorCode::not_found,
                  std::string(error.what()) +
                      "; the folder of pictures must hold NAME/NAME_0001.jpg as the pairs name it");
    if (!is_about_the_picture(error.code())) throw;
    notes.add(std::string(error.what()) + " (counted as a picture without a face)");
    return std::nullopt;
  }
}

using Results = std::span<std::optional<EncodedPicture>>;

void encode_batch(const std::filesystem::path& folder, std::span<const std::string> pictures,
                  const PictureSteps& steps, NoteQueue& notes, Results results) {
  std::vector<AlignedFace> aligned;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto image = try_read(folder / pictures[i], notes);
    auto located = image ? steps.locate(*image) : std::nullopt;
    if (!located) continue;
    results[i] = EncodedPicture{located->face, {}};
    aligned.push_back(std::move(located->aligned));
    found.push_back(i);
  }
  if (aligned.empty()) return;
  std::vector<Encoding> encodings = steps.encode(aligned);
  LIKENESS_CHECK(encodings.size() == aligned.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    results[found[k]]->encoding = std::move(encodings[k]);
}

}  // namespace

PictureSteps face_steps(const FaceDetector& detector, const FaceEncoder& encoder) {
  return {.locate = [&](const Image& image) -> std::optional<LocatedFace> {
            const std::vector<Face> faces = detector.detect(image);
            if (faces.empty()) return std::nullopt;
            const Face& face = faces[main_face(faces, image.width(), image.height())];
            return LocatedFace{face, encoder.align(image, face)};
          },
          .encode = [&](std::span<const AlignedFace> faces) { return encoder.encode(faces); }};
}

EncodedPictures encode_pictures(const std::filesystem::path& folder,
                                std::span<const std::string> pictures, const PictureSteps& steps,
                                const EncodeOptions& options, Progress& progress) {
  constexpr std::size_t kLargestBatch = 16;
  LIKENESS_CHECK(options.threads >= 0);
  const int threads = options.threads == 0 ? core_count() : options.threads;
  // Several batches for each thread, so that all end at about the same time.
  const std::size_t batch = std::clamp<std::size_t>(
      pictures.size() / (4 * static_cast<std::size_t>(threads)), 1, kLargestBatch);
  const std::size_t batches = (pictures.size() + batch - 1) / batch;

  std::vector<std::optional<EncodedPicture>> results(pictures.size());
  NoteQueue notes;
  const auto check_cancelled = [&] {
    if (options.cancellation != nullptr) options.cancellation->check();
  };
  const ThreadCountKeeper keeper;
  progress.begin("Encoding faces", static_cast<std::int64_t>(pictures.size()));
  run_jobs(
      batches, threads,
      [&](std::size_t index) {
        at::set_num_threads(1);  // a setting of the thread
        check_cancelled();
        const std::size_t first = index * batch;
        const std::size_t size = std::min(batch, pictures.size() - first);
        encode_batch(folder, pictures.subspan(first, size), steps, notes,
                     Results(results).subspan(first, size));
      },
      [&](std::size_t finished) {
        notes.pass_on(progress);
        progress.update(static_cast<std::int64_t>(std::min(finished * batch, pictures.size())));
      });
  notes.pass_on(progress);
  progress.end();

  EncodedPictures encoded;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    encoded.emplace(pictures[i], std::move(results[i]));
  return encoded;
}

std::vector<ScoredPair> score_pairs(const PairList& list, const EncodedPictures& encoded) {
  std::vector<ScoredPair> scored;
  scored.reserve(list.pairs.size());
  for (const PicturePair& pair : list.pairs) {
    const auto& first = encoded.at(pair.first);
    const auto& second = encoded.at(pair.second);
    ScoredPair result{pair.same_person, pair.fold, std::nullopt};
    if (first && second) result.distance = squared_distance(first->encoding, second->encoding);
    scored.push_back(result);
  }
  return scored;
}

}  // namespace likeness
