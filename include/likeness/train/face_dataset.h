#pragma once

/// The photos of a training set, sorted by the person whom they show. Reading looks at names, sizes
/// and (for copies) bytes; no picture is decoded here. Pure functions, safe to call from many
/// threads.
///
///     const FaceDataset dataset = read_face_dataset("photos", progress);  // photos/ANNA/1.jpg
///     const AlignedFaces faces = align_faces(dataset, recipe, options, progress);

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/core/progress.h>

namespace likeness {

/// One person, or what the data set takes for one.
struct Identity {
  std::string name;
  std::vector<std::string> pictures;  ///< paths below the root (or absolute ones), sorted
};

struct FaceDataset {
  std::filesystem::path root;        ///< what the pictures' relative paths start from
  std::vector<Identity> identities;  ///< sorted by name, none without a picture

  std::int64_t picture_count() const;
};

/// A picture that lies in the set several times, byte by byte the same.
struct DuplicatePicture {
  std::vector<std::string> pictures;    ///< its paths, sorted
  std::vector<std::string> identities;  ///< the names it lies under, sorted, each once
};

/// Reads a data set: a folder with one folder of pictures for each identity (files beside those
/// folders, files without the ending of a picture and hidden ones are passed over), or a CSV file
/// (see parse_face_list). Then, each said once through `progress.note`:
/// - copies of a picture (remove_duplicates) are reported and left out;
/// - identities with a single picture are counted: they have no positive pair and serve as
///   negatives only (sampler.h).
/// Throws Error: not_found (no such path; a picture of the CSV is missing), unreadable,
/// invalid_argument (no picture at all, also when pictures lie in the folder itself and not in
/// folders of identities; only one identity), corrupt_file (CSV), cancelled.
FaceDataset read_face_dataset(const std::filesystem::path& data, Progress& progress,
                              const Cancellation* cancellation = nullptr);

/// Parses a CSV (RFC 4180, UTF-8, comma, quotes where needed) with the columns path and identity; a
/// first line "path,identity" is its header. Relative paths start from `root`. `name` stands for
/// the file in errors. A line that is given twice counts once.
/// Throws Error(corrupt_file) with the line for anything else: other columns, an empty field, an
/// open quote.
FaceDataset parse_face_list(std::string_view text, const std::string& name,
                            const std::filesystem::path& root);

/// Finds copies and leaves them out: under one name all but the first (a pair of copies teaches
/// nothing), under several names all of them (which name is right cannot be known); identities that
/// have no picture left go too. Files are compared by SHA-256, and only those of equal size are
/// read, on all cores; one that cannot be read has no copies. In the order of the first paths.
/// Throws Error(cancelled).
std::vector<DuplicatePicture> remove_duplicates(FaceDataset& dataset, Progress& progress,
                                                const Cancellation* cancellation = nullptr);

/// The data set without the identities of these names; names that it does not have are ignored.
FaceDataset without_identities(FaceDataset dataset, std::span<const std::string> names);

/// Names of identities, sorted, each in one of two parts.
struct IdentitySplit {
  std::vector<std::string> train;
  std::vector<std::string> validation;
};

/// Splits by identity: validation gets ⌊share · n + 1/2⌋ of the n identities with two pictures or
/// more, at least two; identities with one picture stay in train. The choice depends on `seed` and
/// the names alone, by the rank of each name's hash: when identities are added or removed, almost
/// all of the others stay in their part.
/// Throws Error(invalid_argument) for a share outside (0, 1), or when a part would have fewer than
/// two identities with two pictures. Requires names and counts of equal size, each name once.
IdentitySplit split_identities(std::span<const std::string> names,
                               std::span<const std::int64_t> picture_counts, double share,
                               std::uint64_t seed);

}  // namespace likeness
