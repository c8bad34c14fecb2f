#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/image/codec.h>

#include "evaluate/line_reader.h"

namespace likeness {
namespace {

constexpr int kMaxFolds = 1000;
constexpr int kMaxPairs = 1'000'000;  // of one class in one fold
constexpr int kMaxPicture = 999'999;

std::string picture_path(std::string_view name, std::string_view number, const LineReader& reader) {
  const bool leaves_folder = name == "." || name == ".." ||
                             name.find('/') != std::string_view::npos ||
                             name.find('\0') != std::string_view::npos;
  if (name.empty() || leaves_folder) reader.fail(in_quotes(name) + " is no name of a person");
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "_%04d.jpg",
                parse_number(number, 1, kMaxPicture, "picture", reader));
  return std::string(name) + "/" + std::string(name) + digits.data();
}

PicturePair parse_genuine(LineReader& reader, int fold) {
  const auto columns = split(reader.next(), '\t');
  if (columns.size() != 3)
    reader.fail("expected a pair of one person, NAME, I and J between tabs, not " +
                std::to_string(columns.size()) + " columns");
  PicturePair pair{picture_path(columns[0], columns[1], reader),
                   picture_path(columns[0], columns[2], reader), true, fold};
  if (pair.first == pair.second)
    reader.fail("pairs a picture with itself: " + in_quotes(pair.first));
  return pair;
}

PicturePair parse_impostor(LineReader& reader, int fold) {
  const auto columns = split(reader.next(), '\t');
  if (columns.size() != 4)
    reader.fail("expected a pair of two people, NAME1, I, NAME2 and J between tabs, not " +
                std::to_string(columns.size()) + " columns");
  if (columns[0] == columns[2])
    reader.fail("two people are expected, both are " + in_quotes(columns[0]));
  return {picture_path(columns[0], columns[1], reader),
          picture_path(columns[2], columns[3], reader), false, fold};
}

/// True when a column of `line` ends like a picture: a list with flags, not with names and numbers.
bool names_a_picture(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto columns = split_columns(line);
  return std::any_of(columns.begin(), columns.end(),
                     [](std::string_view column) { return has_image_ending(column); });
}

}  // namespace

PairList parse_pairs(std::string_view text, const std::string& name) {
  LineReader reader(text, name);
  const auto header = split(reader.next(), '\t');
  if (header.size() > 2) reader.fail("expected a header of FOLDS and PAIRS, or of PAIRS alone");
  PairList list;
  if (header.size() == 2) list.folds = parse_number(header[0], 1, kMaxFolds, "folds", reader);
  const int pairs = parse_number(header.back(), 1, kMaxPairs, "pairs", reader);
  for (int fold = 0; fold < list.folds; ++fold) {
    for (int i = 0; i < pairs; ++i) list.pairs.push_back(parse_genuine(reader, fold));
    for (int i = 0; i < pairs; ++i) list.pairs.push_back(parse_impostor(reader, fold));
  }
  reader.expect_end("the list goes on after the pairs that its header announces");
  for (const PicturePair& pair : list.pairs)
    for (const std::string& picture : {pair.first, pair.second})
      list.people.emplace(picture, person_of(picture));
  return list;
}

PairList read_pairs(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return read_cfp_pairs(path);
  const Bytes bytes = read_file(path, kMaxListBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return names_a_picture(text.substr(0, text.find('\n'))) ? parse_flagged_pairs(text, path.string())
                                                          : parse_pairs(text, path.string());
}

PairList share_into_folds(PairList list, int folds) {
  LIKENESS_CHECK(list.folds == 1);
  std::array<std::int64_t, 2> total{};
  for (const PicturePair& pair : list.pairs) ++total[pair.same_person ? 1 : 0];
  if (folds < 2 || total[0] < folds || total[1] < folds)
    throw Error(ErrorCode::invalid_argument,
                "cannot share " + std::to_string(total[1]) + " pairs of one person and " +
                    std::to_string(total[0]) + " of two into " + std::to_string(folds) + " folds");
  std::array<std::int64_t, 2> seen{};
  for (PicturePair& pair : list.pairs) {
    const std::size_t kind = pair.same_person ? 1 : 0;
    pair.fold = static_cast<int>(seen[kind]++ * folds / total[kind]);
  }
  list.folds = folds;
  return list;
}

std::vector<std::string> pictures_of(const std::vector<PairList>& lists) {
  std::set<std::string> pictures;
  for (const PairList& list : lists) {
    for (const PicturePair& pair : list.pairs) {
      pictures.insert(pair.first);
      pictures.insert(pair.second);
    }
  }
  return {pictures.begin(), pictures.end()};
}

std::string person_of(const std::string& picture) {
  return picture.substr(0, picture.find('/'));
}

}  // namespace likeness
