#include "train/benchmark_overlap.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/train/aligned_faces.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr char kEncoder[] = "mobilefacenet";  // the thresholds of OverlapOptions are for it
constexpr std::size_t kMostListBytes = std::size_t{64} << 20;

/// Compares with the faces of benchmarks; those of the data set are encoded once.
class FaceComparison {
 public:
  FaceComparison(const FaceDataset& dataset, const ModelStore& store,
                 const BenchmarkOptions& options, Progress& progress)
      : dataset_(dataset),
        store_(store),
        options_(options),
        progress_(progress),
        encoder_(store, kEncoder, c10::kCPU),
        detector_(store, c10::kCPU) {}

  std::vector<Overlap> with(const fs::path& benchmark) {
    if (!own_) own_ = encode(dataset_);
    Progress silent;  // what is wrong with its pictures is not this run's matter
    return find_overlap(*own_, encode(read_face_dataset(benchmark, silent, options_.cancellation)),
                        {});
  }

 private:
  EncodedFaces encode(const FaceDataset& dataset) {
    const AlignedFaces faces = align_faces(
        dataset,
        alignment_recipe(detector_, detector_id(store_.manifest()), encoder_.templates().front()),
        {.cache = options_.cache,
         .threads = options_.threads,
         .cancellation = options_.cancellation},
        progress_);
    return encode_faces(faces, encoder_,
                        {.threads = options_.threads, .cancellation = options_.cancellation},
                        progress_);
  }

  const FaceDataset& dataset_;
  const ModelStore& store_;
  const BenchmarkOptions& options_;
  Progress& progress_;
  FaceEncoder encoder_;
  FaceDetector detector_;
  std::optional<EncodedFaces> own_;
};

std::vector<std::string> names_of(const FaceDataset& dataset) {
  std::vector<std::string> names;
  for (const Identity& identity : dataset.identities) names.push_back(identity.name);
  return names;
}

std::vector<std::string> read_list(const fs::path& path) {
  const Bytes bytes = read_file(path, kMostListBytes);
  std::vector<std::string> names =
      names_in_list({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (names.empty())
    throw Error(ErrorCode::invalid_argument,
                "--benchmark " + path.string() + ": no names in this list");
  return names;
}

}  // namespace

std::vector<std::string> names_in_list(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\t,\r\n"), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.find_first_not_of("0123456789 ") != field.npos) names.emplace(field);
  }
  return {names.begin(), names.end()};
}

std::vector<Overlap> find_benchmark_overlap(const FaceDataset& dataset,
                                            std::span<const fs::path> benchmarks,
                                            const ModelStore& store,
                                            const BenchmarkOptions& options, Progress& progress) {
  std::vector<Overlap> all;
  std::optional<FaceComparison> faces;
  for (const fs::path& benchmark : benchmarks) {
    std::error_code ignored;
    const bool folder = fs::is_directory(benchmark, ignored);
    if (folder && !faces) faces.emplace(dataset, store, options, progress);
    const std::vector<Overlap> found =
        folder ? faces->with(benchmark)
               : find_overlap_by_name(names_of(dataset), read_list(benchmark));
    for (const Overlap& overlap : found)
      if (std::none_of(all.begin(), all.end(),
                       [&](const Overlap& known) { return known.identity == overlap.identity; }))
        all.push_back(overlap);
  }
  return all;
}

}  // namespace likeness
