#pragma once

/// Which pictures are looked at, and whom each shows: those of lists of pairs, or those of a folder
/// with one folder for each person. Pure functions beside the file system; safe to call from many
/// threads.
///
///     const PictureSet set = pictures_in_folder("celeba");
///     set.people.at("7201/002714.jpg");  // "7201"

#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/evaluate/pairs.h>

namespace likeness {

struct PictureSet {
  std::vector<std::string> pictures;  ///< paths below the folder, sorted, each once
  People people;                      ///< of each picture

  /// The most pairs of different people that these pictures can form.
  std::int64_t impostor_pairs() const;
};

/// The pictures of `lists`. Throws Error(invalid_argument) when a list does not say whom its
/// pictures show (PairList::people).
PictureSet pictures_of_people(std::span<const PairList> lists);

/// All pictures in `folder` and below, by their ending. The folder that a picture lies in names its
/// person. Hidden files and folders are left out, links to folders are not followed.
/// Throws Error: not_found (no such folder, no picture), unreadable, invalid_argument (a picture
/// lies in no folder of a person).
PictureSet pictures_in_folder(const std::filesystem::path& folder);

/// A list with one picture a line, PERSON/PICTURE, or a CSV file (RFC 4180) with the header
/// "path,identity". Paths start at the folder of pictures; blank lines are left out. `name` stands
/// for the file in errors.
/// Throws Error(corrupt_file) with the line: a path that would leave the folder of pictures, a
/// picture that comes twice, another number of columns, no picture at all.
PictureSet parse_picture_list(std::string_view text, const std::string& name);

/// Reads such a list from `path` (at most 64 MiB). Throws as read_file and parse_picture_list do.
PictureSet read_picture_list(const std::filesystem::path& path);

/// Reads such a list or a list of pairs. Throws further as read_pairs and pictures_of_people do.
PictureSet read_pictures(const std::filesystem::path& path);

/// The people that a file names: one a line, or those of the pictures of such a list or a list of
/// pairs. A file is a list of names when no line has a tab, a comma, a slash or the name of a
/// picture. Throws as read_pictures does.
std::set<std::string> read_names(const std::filesystem::path& path);

/// `set` without these people.
PictureSet without_people(PictureSet set, const std::set<std::string>& names);

}  // namespace likeness
