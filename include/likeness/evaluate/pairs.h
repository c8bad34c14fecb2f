#pragma once

/// Lists of picture pairs: which pictures are compared, and whether they show one person. Read as
/// the face benchmarks write them: Labeled Faces in the Wild, CALFW, CPLFW, AgeDB, CFP. Pure
/// functions beside the file system; safe to call from many threads.
///
///     const PairList list = read_pairs("lfw/pairs.txt");
///     list.pairs[0].first;  // "Abel_Pacheco/Abel_Pacheco_0001.jpg"

#include <filesystem>
#include <map>
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

/// The person that a picture shows, by the picture's path below the folder of pictures.
using People = std::map<std::string, std::string>;

struct PairList {
  std::vector<PicturePair> pairs;
  int folds = 1;
  People people = {};  ///< of all pictures; empty when the list does not say
};

/// Labeled Faces in the Wild: View 2 (header "FOLDS\tPAIRS", then for each fold PAIRS lines
/// "NAME\tI\tJ" of one person and PAIRS lines "NAME1\tI\tNAME2\tJ" of two) or View 1 (header
/// "PAIRS", one fold). `name` stands for the file in errors.
/// Throws Error(corrupt_file) with the line for everything else: another number of lines or
/// columns, numbers out of range, one picture paired with itself, two people of one name, a name
/// that would leave the folder of pictures.
PairList parse_pairs(std::string_view text, const std::string& name);

/// Pairs with a flag instead of names, in one of three shapes that the first line decides:
///   PICTURE FLAG, twice for a pair with the same flag (CALFW, CPLFW): 0 = two people, 1…10 = one
///   PICTURE PICTURE FLAG (AgeDB-30 and CFP as they are often passed on): 0 or -1 = two, 1 = one
///   FLAG PICTURE PICTURE (the same with the flag in front)
/// Columns stand between tabs, else between commas, else between spaces; pictures are paths below
/// the folder of pictures. One fold; the list does not say whom a picture shows.
/// Throws Error(corrupt_file) with the line for everything else.
PairList parse_flagged_pairs(std::string_view text, const std::string& name);

/// Celebrities in Frontal-Profile (Sengupta 2016): `folder` is the data set, its folder Protocol
/// (both: frontal against profile), or Protocol/Split/FP or FF. Read are
///   Protocol/Pair_list_F.txt, Pair_list_P.txt   lines "NUMBER ../Data/Images/001/frontal/01.jpg"
///   Protocol/Split/FP/01…/same.txt, diff.txt    lines "I,J": numbers of a frontal and a profile
///                                               picture (FF: of two frontal ones)
/// Paths of the pictures start at the data set: Data/Images/001/frontal/01.jpg.
/// Throws Error: not_found (no such folder or file), corrupt_file with the line: numbers that do
/// not count up from 1 or are not in the list, same.txt with two people, diff.txt with one.
PairList read_cfp_pairs(const std::filesystem::path& folder);

/// Reads the list at `path` (at most 64 MiB), or a folder of CFP; its first line tells what it is.
/// Throws as read_file and the functions above do.
PairList read_pairs(const std::filesystem::path& path);

/// Shares a list of one fold out into `folds` of nearly equal size, each class for itself and in
/// the order of the list, so that a View 1 list can be cross-validated like View 2.
/// Requires one fold; throws Error(invalid_argument) when a class has fewer pairs than `folds`, or
/// for fewer than two folds.
PairList share_into_folds(PairList list, int folds);

/// The different pictures of the lists, sorted.
std::vector<std::string> pictures_of(const std::vector<PairList>& lists);

/// The person whom a picture of an LFW list shows: NAME of NAME/NAME_0001.jpg.
std::string person_of(const std::string& picture);

}  // namespace likeness
