#pragma once

/// The faces of a data set, found and turned upright once, and kept in one file of the cache:
/// training reads 8-bit crops from memory-mapped rows instead of decoding photos. Safe to call from
/// many threads and processes: one of them works, the others wait and find the file.
///
///     const FaceDetector detector(store, c10::kCPU);
///     const AlignmentRecipe recipe =
///         alignment_recipe(detector, detector_id(store.manifest()),
///         with_margin(arcface_template(), 12));
///     const AlignedFaces faces = align_faces(dataset, recipe, {.cache = "cache"}, progress);
///     faces.pixels.size(0);  // rows: faces, in the order of the data set

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/detector.h>
#include <likeness/image/image.h>
#include <likeness/train/face_dataset.h>

namespace likeness {

/// How pictures become crops. `detector` names whoever finds the face, version included: it is part
/// of the cache's key, so that crops of another detector are never taken for these.
struct AlignmentRecipe {
  std::string detector;
  /// The landmarks of the face that the picture is about, nothing when there is none. Called from
  /// many threads at once.
  std::function<std::optional<Landmarks>(const Image&)> locate;
  AlignmentTemplate target;
};

/// Takes the main face (faces/face.h). Where none is found the picture is searched once more with a
/// border of half its size around it, which finds faces that a tight crop cuts. Keeps a reference:
/// `detector` must outlive the recipe, whose name is made from `detector_id` (faces/detector.h).
AlignmentRecipe alignment_recipe(const FaceDetector& detector, std::string detector_id,
                                 const AlignmentTemplate& target);

/// `base` with `margin` more pixels on each side, so that a rotated or shifted crop of the base's
/// size still shows picture (augmentation.h takes the middle). Requires margin ≥ 0.
AlignmentTemplate with_margin(const AlignmentTemplate& base, int margin);

/// A picture that gave no crop.
struct SkippedPicture {
  std::string picture;
  std::string reason;  ///< "no face", or why it could not be decoded
};

/// A set of faces: rows of `pixels`. Subsets share the pixels. A value; do not write to `pixels`.
struct AlignedFaces {
  /// uint8 [R, S, S, 3], RGB, contiguous, on the CPU; mapped from the cache. R is the number of
  /// rows in the file, of which this set uses those that `rows` names.
  at::Tensor pixels;
  std::vector<std::int64_t> rows;       ///< row in `pixels` of each face, rising
  std::vector<std::int64_t> labels;     ///< index into `identities` of each face
  std::vector<std::string> pictures;    ///< path of each face's picture, as the data set has it
  std::vector<std::string> identities;  ///< names, sorted, none without a face
  std::vector<SkippedPicture> skipped;  ///< pictures of the whole data set that gave no face

  std::int64_t size() const { return static_cast<std::int64_t>(rows.size()); }
  int crop_size() const { return static_cast<int>(pixels.size(1)); }
  /// Number of faces of each identity.
  std::vector<std::int64_t> face_counts() const;
  /// A copy of one crop; requires 0 ≤ face < size().
  Image crop(std::int64_t face) const;
};

struct AlignFacesOptions {
  /// Folder of the cache file, created when missing. Its name: the data set's name and the digest
  /// of everything that it depends on.
  std::filesystem::path cache;
  int threads = 0;  ///< pictures at the same time; 0 means one for each core
  const Cancellation* cancellation = nullptr;
};

/// The key of the cache: SHA-256 over every picture's identity, path, size and time of change, the
/// template, the detector and the version of the format. Another picture, or the same one changed,
/// gives another key.
std::string cache_key(const FaceDataset& dataset, const AlignmentRecipe& recipe);

/// The cache file that align_faces reads or writes.
std::filesystem::path cache_file(const FaceDataset& dataset, const AlignmentRecipe& recipe,
                                 const std::filesystem::path& cache);

/// Detects and aligns every picture, or maps the cache file when it is there. Finished pictures are
/// kept in FILE.partial as they come, each with its checksum: after a kill, a crash or a
/// cancellation the next call goes on from there (a torn record at the end is cut off), and the
/// result is the same, byte by byte, as without. Pictures that cannot be decoded or show no face
/// are skipped and named in `skipped`; `progress.note` names the first few and gives the number.
/// A damaged cache file is reported and made again.
/// Throws Error: cancelled, write_failed (the partial file survives a full disk), not_found (a
/// picture vanished), no_face (no picture shows a face), too_large, and what `locate` throws.
AlignedFaces align_faces(const FaceDataset& dataset, const AlignmentRecipe& recipe,
                         const AlignFacesOptions& options, Progress& progress);

/// The faces of the identities in `names` alone (labels count anew; names that are not there are
/// ignored), and all but those.
AlignedFaces only_identities(const AlignedFaces& faces, std::span<const std::string> names);
AlignedFaces without_identities(const AlignedFaces& faces, std::span<const std::string> names);

}  // namespace likeness
