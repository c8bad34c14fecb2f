#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <set>
#include <system_error>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/worker_pool.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/train/aligned_faces.h>

#include "train/face_cache.h"
#include "train/face_journal.h"
#include "train/listing.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Outcome = FaceJournal::Outcome;

constexpr char kNoFace[] = "no face";

/// A picture of the data set, counted through all identities.
struct ListedPicture {
  std::size_t identity = 0;
  const std::string* path = nullptr;
};

std::vector<ListedPicture> pictures_of(const FaceDataset& dataset) {
  std::vector<ListedPicture> pictures;
  for (std::size_t i = 0; i < dataset.identities.size(); ++i)
    for (const std::string& path : dataset.identities[i].pictures) pictures.push_back({i, &path});
  return pictures;
}

std::string state_of(const fs::path& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  const auto changed = error ? fs::file_time_type() : fs::last_write_time(path, error);
  if (error) throw Error(ErrorCode::not_found, path.string() + ": " + error.message());
  return std::to_string(bytes) + " " + std::to_string(changed.time_since_epoch().count());
}

std::string describe(const AlignmentTemplate& target) {
  std::string text = std::to_string(target.size);
  for (const Point& point : target.points) {
    std::array<char, 64> number{};
    std::snprintf(number.data(), number.size(), " %a %a", static_cast<double>(point.x),
                  static_cast<double>(point.y));
    text += number.data();
  }
  return text;
}

ConstBytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_about_the_picture(ErrorCode code) {
  return code == ErrorCode::corrupt_file || code == ErrorCode::unsupported_format ||
         code == ErrorCode::too_large || code == ErrorCode::unreadable;
}

/// Finds and aligns the face of one picture and writes down what became of it.
void align_picture(const fs::path& path, std::size_t number, const AlignmentRecipe& recipe,
                   FaceJournal& journal) {
  Image image;
  try {
    image = without_alpha(read_image(path));
  } catch (const Error& error) {
    if (!is_about_the_picture(error.code())) throw;
    journal.add(number, Outcome::undecodable, bytes_of(error.what()));
    return;
  }
  const auto landmarks = recipe.locate(image);
  if (landmarks)
    journal.add(number, Outcome::face, align_face(image, *landmarks, recipe.target).pixels());
  else
    journal.add(number, Outcome::no_face, bytes_of(kNoFace));
}

void align_missing(const FaceDataset& dataset, const std::vector<ListedPicture>& pictures,
                   const AlignmentRecipe& recipe, const AlignFacesOptions& options,
                   FaceJournal& journal, Progress& progress) {
  LIKENESS_CHECK(options.threads >= 0);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    if (!journal.outcome(i)) missing.push_back(i);
  const std::size_t before = journal.finished();
  if (before > 0)
    progress.note("going on after " + std::to_string(before) + " of " +
                  std::to_string(pictures.size()) + " pictures");
  const ThreadCountKeeper keeper;
  progress.begin("Aligning faces", static_cast<std::int64_t>(pictures.size()));
  progress.resume(static_cast<std::int64_t>(before));
  run_jobs(
      missing.size(), options.threads == 0 ? core_count() : options.threads,
      [&](std::size_t job) {
        at::set_num_threads(1);  // a setting of the thread: pictures share the cores, not tensors
        if (options.cancellation != nullptr) options.cancellation->check();
        const std::size_t number = missing[job];
        align_picture(dataset.root / *pictures[number].path, number, recipe, journal);
      },
      [&](std::size_t finished) { progress.update(static_cast<std::int64_t>(before + finished)); });
  progress.end();
}

/// Everything about the faces but their pixels, in the order of the data set.
AlignedFaces index_of(const FaceDataset& dataset, const std::vector<ListedPicture>& pictures,
                      const FaceJournal& journal) {
  AlignedFaces faces;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::string& path = *pictures[i].path;
    if (*journal.outcome(i) != Outcome::face) {
      const auto reason = journal.content(i);
      faces.skipped.push_back({path, std::string(reason.begin(), reason.end())});
      continue;
    }
    const std::string& name = dataset.identities[pictures[i].identity].name;
    if (faces.identities.empty() || faces.identities.back() != name)
      faces.identities.push_back(name);
    faces.labels.push_back(static_cast<std::int64_t>(faces.identities.size()) - 1);
    faces.pictures.push_back(path);
  }
  if (faces.labels.empty())
    throw Error(ErrorCode::no_face, dataset.root.string() + ": no face in any of the " +
                                        std::to_string(pictures.size()) + " pictures");
  return faces;
}

void write_cache(const fs::path& path, const std::string& key, int crop_size,
                 const AlignedFaces& index, const FaceJournal& journal, std::size_t pictures) {
  FaceCacheWriter writer(path, key, crop_size, index);
  for (std::size_t i = 0; i < pictures; ++i)
    if (*journal.outcome(i) == Outcome::face) writer.add(journal.content(i));
  writer.finish();
}

void report_skipped(const AlignedFaces& faces, Progress& progress) {
  std::vector<std::string> without_face;
  std::vector<std::string> undecodable;
  for (const SkippedPicture& skipped : faces.skipped) {
    if (skipped.reason == kNoFace)
      without_face.push_back(skipped.picture);
    else
      undecodable.push_back(skipped.reason);
  }
  if (!without_face.empty())
    progress.note(listing(without_face, "picture shows no face", "pictures show no face") +
                  ": skipped");
  if (!undecodable.empty())
    progress.note(listing(undecodable, "picture cannot be decoded", "pictures cannot be decoded") +
                  ": skipped");
}

/// The faces of the cache file when it is there and sound. Damage is told to `progress`.
std::optional<AlignedFaces> try_cache(const fs::path& path, const std::string& key,
                                      Progress& progress) {
  try {
    return read_face_cache(path, key);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt_file) throw;
    progress.note(std::string(error.what()) + "; made again");
    return std::nullopt;
  }
}

/// Fills the cache file unless another process has done so meanwhile.
void fill_cache(const FaceDataset& dataset, const AlignmentRecipe& recipe,
                const AlignFacesOptions& options, const std::string& key, const fs::path& path,
                Progress& progress) {
  std::error_code error;
  fs::create_directories(options.cache, error);
  if (error)
    throw Error(ErrorCode::write_failed,
                options.cache.string() + ": cannot create the folder: " + error.message());
  const FileLock lock(path.string() + ".lock");
  if (try_cache(path, key, progress)) return;

  const std::vector<ListedPicture> pictures = pictures_of(dataset);
  const fs::path partial = path.string() + ".partial";
  {
    FaceJournal journal(partial, key, recipe.target.size, pictures.size());
    align_missing(dataset, pictures, recipe, options, journal, progress);
    const AlignedFaces index = index_of(dataset, pictures, journal);
    write_cache(path, key, recipe.target.size, index, journal, pictures.size());
  }
  fs::remove(partial, error);
}

fs::path cache_path(const FaceDataset& dataset, const std::string& key, const fs::path& cache) {
  constexpr std::size_t kDigits = 12;
  fs::path root = dataset.root.lexically_normal();
  if (!root.has_filename()) root = root.parent_path();
  const std::string name = root.filename().string();
  const bool is_a_name = !name.empty() && name != "." && name != "..";
  return cache / ((is_a_name ? name : "faces") + "-" + key.substr(0, kDigits) + ".faces");
}

AlignedFaces subset(const AlignedFaces& faces, std::span<const std::string> names, bool wanted) {
  const std::set<std::string> named(names.begin(), names.end());
  AlignedFaces result{.pixels = faces.pixels,
                      .rows = {},
                      .labels = {},
                      .pictures = {},
                      .identities = {},
                      .skipped = faces.skipped};
  std::vector<std::int64_t> new_label(faces.identities.size(), -1);
  for (std::size_t i = 0; i < faces.identities.size(); ++i) {
    if (named.contains(faces.identities[i]) != wanted) continue;
    new_label[i] = static_cast<std::int64_t>(result.identities.size());
    result.identities.push_back(faces.identities[i]);
  }
  for (std::size_t i = 0; i < faces.labels.size(); ++i) {
    const std::int64_t label = new_label[static_cast<std::size_t>(faces.labels[i])];
    if (label < 0) continue;
    result.rows.push_back(faces.rows[i]);
    result.labels.push_back(label);
    result.pictures.push_back(faces.pictures[i]);
  }
  return result;
}

}  // namespace

std::vector<std::int64_t> AlignedFaces::face_counts() const {
  std::vector<std::int64_t> counts(identities.size(), 0);
  for (const std::int64_t label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

Image AlignedFaces::crop(std::int64_t face) const {
  LIKENESS_CHECK(face >= 0 && face < size());
  Image image(crop_size(), crop_size());
  const std::size_t bytes = image.pixels().size();
  const std::int64_t row = rows[static_cast<std::size_t>(face)];
  std::memcpy(image.pixels().data(),
              pixels.data_ptr<std::uint8_t>() + static_cast<std::size_t>(row) * bytes, bytes);
  return image;
}

std::string cache_key(const FaceDataset& dataset, const AlignmentRecipe& recipe) {
  std::string key = "likeness faces 1\n" + recipe.detector + "\n" + describe(recipe.target);
  for (const Identity& identity : dataset.identities) {
    // A zero ends each text: no name can run into the next.
    std::string listing = key + "\n" + identity.name + '\0';
    for (const std::string& picture : identity.pictures)
      listing += picture + '\0' + state_of(dataset.root / picture) + '\0';
    key = sha256(bytes_of(listing));
  }
  return key;
}

fs::path cache_file(const FaceDataset& dataset, const AlignmentRecipe& recipe,
                    const fs::path& cache) {
  return cache_path(dataset, cache_key(dataset, recipe), cache);
}

AlignedFaces align_faces(const FaceDataset& dataset, const AlignmentRecipe& recipe,
                         const AlignFacesOptions& options, Progress& progress) {
  const std::string key = cache_key(dataset, recipe);
  const fs::path path = cache_path(dataset, key, options.cache);
  Progress silent;  // of a damaged file fill_cache will speak, once
  auto faces = try_cache(path, key, silent);
  if (!faces) {
    fill_cache(dataset, recipe, options, key, path, progress);
    faces = read_face_cache(path, key);
  }
  if (!faces) throw Error(ErrorCode::unreadable, path.string() + ": vanished while it was used");
  report_skipped(*faces, progress);
  return std::move(*faces);
}

AlignedFaces only_identities(const AlignedFaces& faces, std::span<const std::string> names) {
  return subset(faces, names, true);
}

AlignedFaces without_identities(const AlignedFaces& faces, std::span<const std::string> names) {
  return subset(faces, names, false);
}

}  // namespace likeness
