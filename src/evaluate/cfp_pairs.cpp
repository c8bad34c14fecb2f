#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/pairs.h>

#include "evaluate/line_reader.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxPictures = 1'000'000;

struct Protocol {
  fs::path folder;    ///< with the two lists of pictures
  std::string split;  ///< FP or FF
};

bool is_protocol(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "Pair_list_F.txt", ignored);
}

Protocol find_protocol(const fs::path& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();  // a slash at the end
  if (is_protocol(path)) return {path, "FP"};
  if (is_protocol(path / "Protocol")) return {path / "Protocol", "FP"};
  const fs::path above = path.parent_path().parent_path();
  if (is_protocol(above) && (path.filename() == "FP" || path.filename() == "FF"))
    return {above, path.filename().string()};
  throw Error(ErrorCode::not_found,
              folder.string() +
                  ": a folder of pairs must be CFP's: the data set, its folder Protocol with "
                  "Pair_list_F.txt and Pair_list_P.txt, or Protocol/Split/FP");
}

std::string read_text(const fs::path& path) {
  const Bytes bytes = read_file(path, kMaxListBytes);
  return {bytes.begin(), bytes.end()};
}

/// The person's folder: Data/Images/001 of Data/Images/001/frontal/01.jpg.
std::string person_folder(const std::string& picture) {
  return fs::path(picture).parent_path().parent_path().string();
}

/// Paths below the data set, in the order of their numbers.
std::vector<std::string> read_picture_list(const fs::path& path) {
  const std::string text = read_text(path);
  const std::string name = path.string();
  LineReader reader(text, name);
  std::vector<std::string> pictures;
  while (!reader.at_end()) {
    const auto columns = split_columns(reader.next());
    if (columns.empty()) {
      reader.expect_end();
      break;
    }
    if (columns.size() != 2) reader.fail("expected NUMBER and PICTURE between spaces");
    const int expected = static_cast<int>(pictures.size()) + 1;
    if (parse_number(columns[0], 1, kMaxPictures, "number", reader) != expected)
      reader.fail("number " + in_quotes(columns[0]) + ", expected " + std::to_string(expected));
    // The lists lie in Protocol and say ../Data/…; our paths start one folder above.
    const std::string picture =
        (fs::path("Protocol") / fs::path(columns[1])).lexically_normal().string();
    check_picture_path(picture, reader);
    if (person_folder(picture).empty())
      reader.fail(in_quotes(columns[1]) + ": expected …/PERSON/frontal/NN.jpg or profile");
    pictures.push_back(picture);
  }
  if (pictures.empty()) reader.fail("the list has no pictures");
  return pictures;
}

/// 01, 02 … in order.
std::vector<fs::path> fold_folders(const fs::path& split) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (fs::directory_iterator entry(split, error), last; !error && entry != last;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    if (entry->is_directory(ignored) && !name.empty() &&
        name.find_first_not_of("0123456789") == std::string::npos)
      folders.push_back(entry->path());
  }
  if (folders.empty())
    throw Error(ErrorCode::not_found,
                split.string() + ": no folders 01, 02 … with same.txt and diff.txt");
  std::sort(folders.begin(), folders.end());
  return folders;
}

class CfpReader {
 public:
  explicit CfpReader(const Protocol& protocol)
      : first_(read_picture_list(protocol.folder / "Pair_list_F.txt")),
        second_(protocol.split == "FF" ? first_
                                       : read_picture_list(protocol.folder / "Pair_list_P.txt")) {
    for (const auto* pictures : {&first_, &second_})
      for (const std::string& picture : *pictures)
        list_.people.emplace(picture, person_folder(picture));
    list_.folds = 0;
  }

  void add_fold(const fs::path& folder) {
    add_pairs(folder / "same.txt", true);
    add_pairs(folder / "diff.txt", false);
    ++list_.folds;
  }

  PairList take() { return std::move(list_); }

 private:
  void add_pairs(const fs::path& path, bool same_person) {
    const std::string text = read_text(path);
    const std::string name = path.string();
    LineReader reader(text, name);
    while (!reader.at_end()) {
      const std::string_view line = reader.next();
      if (line.empty()) return reader.expect_end();
      list_.pairs.push_back(parse_pair(line, same_person, reader));
    }
  }

  PicturePair parse_pair(std::string_view line, bool same_person, const LineReader& reader) const {
    const auto numbers = split(line, ',');
    if (numbers.size() != 2) reader.fail("expected two numbers with a comma between them: I,J");
    const auto picture = [&](const std::vector<std::string>& pictures, std::string_view number) {
      return pictures[static_cast<std::size_t>(parse_number(
                          number, 1, static_cast<int>(pictures.size()), "picture", reader)) -
                      1];
    };
    PicturePair pair{picture(first_, numbers[0]), picture(second_, numbers[1]), same_person,
                     list_.folds};
    if (pair.first == pair.second)
      reader.fail("pairs a picture with itself: " + in_quotes(pair.first));
    if ((list_.people.at(pair.first) == list_.people.at(pair.second)) != same_person)
      reader.fail(pair.first + " and " + pair.second + " show " +
                  (same_person ? "two people, expected one" : "one person, expected two"));
    return pair;
  }

  PairList list_;
  std::vector<std::string> first_;
  std::vector<std::string> second_;
};

}  // namespace

PairList read_cfp_pairs(const fs::path& folder) {
  const Protocol protocol = find_protocol(folder);
  CfpReader reader(protocol);
  for (const fs::path& fold : fold_folders(protocol.folder / "Split" / protocol.split))
    reader.add_fold(fold);
  return reader.take();
}

}  // namespace likeness
