#pragma once

/// Lists of picture pairs in the format of Labeled Faces in the Wild: which pictures are compared,
/// and whether they show one person. Pure functions, safe to call from many threads.
///
///     const PairList list = read_pairs("lfw/pairs.txt");
///     list.pairs[0].first;  // "Abel_Pacheco/Abel_Pacheco_0001.jpg"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

struct PicturePair {
  std::string first;   ///< path below the folder of pictures: NAME/NAME_0001.jpg
  std::string second;  ///< likewise
  bool same_person = false;
  int fold = 0;  ///< from 0
};

struct PairList {
  std::vector<PicturePair> pairs;
  int folds = 1;
};

/// Parses a list of View 2 (header "FOLDS\tPAIRS", then for each fold PAIRS lines "NAME\tI\tJ" of
/// one person and PAIRS lines "NAME1\tI\tNAME2\tJ" of two) or of View 1 (header "PAIRS", one fold).
/// `name` stands for the file in errors.
/// Throws Error(corrupt_file) with the line for everything else: another number of lines or
/// columns, numbers out of range, one picture paired with itself, two people of one name, a name
/// that would leave the folder of pictures.
PairList parse_pairs(std::string_view text, const std::string& name);

/// Reads the file at `path` (at most 64 MiB). Throws as read_file and parse_pairs do.
PairList read_pairs(const std::filesystem::path& path);

/// Shares a list of one fold out into `folds` of nearly equal size, each class for itself and in
/// the order of the list, so that a View 1 list can be cross-validated like View 2.
/// Requires one fold; throws Error(invalid_argument) when a class has fewer pairs than `folds`, or
/// for fewer than two folds.
PairList share_into_folds(PairList list, int folds);

/// The different pictures of the lists, sorted.
std::vector<std::string> pictures_of(const std::vector<PairList>& lists);

/// The person whom a picture of a list shows: NAME of NAME/NAME_0001.jpg.
std::string person_of(const std::string& picture);

}  // namespace likeness
