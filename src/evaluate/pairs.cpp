#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <set>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/pairs.h>

namespace likeness {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr int kMaxFolds = 1000;
constexpr int kMaxPairs = 1'000'000;  // of one class in one fold
constexpr int kMaxPicture = 999'999;

/// Hands out the lines of a text and knows where it stands.
class LineReader {
 public:
  LineReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  /// The tab-separated columns of the next line. Throws when there is none.
  std::vector<std::string_view> next() {
    if (rest_.empty()) {
      ++line_;
      fail("the list ends too early");
    }
    std::string_view line = take_line();
    std::vector<std::string_view> columns;
    while (true) {
      const auto tab = line.find('\t');
      columns.push_back(line.substr(0, tab));
      if (tab == std::string_view::npos) return columns;
      line.remove_prefix(tab + 1);
    }
  }

  /// Throws unless only blank lines follow.
  void expect_end() {
    while (!rest_.empty())
      if (!take_line().empty()) fail("the list goes on after the pairs that its header announces");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, name_ + ", line " + std::to_string(line_) + ": " + what);
  }

 private:
  std::string_view take_line() {
    ++line_;
    const auto end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::string_view rest_;
  const std::string& name_;
  int line_ = 0;
};

int parse_number(std::string_view text, int highest, const char* what, const LineReader& reader) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || value < 1 || value > highest)
    reader.fail(std::string(what) + " " + in_quotes(text) + ": expected a number from 1 to " +
                std::to_string(highest));
  return value;
}

std::string picture_path(std::string_view name, std::string_view number, const LineReader& reader) {
  const bool leaves_folder = name == "." || name == ".." ||
                             name.find('/') != std::string_view::npos ||
                             name.find('\0') != std::string_view::npos;
  if (name.empty() || leaves_folder) reader.fail(in_quotes(name) + " is no name of a person");
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "_%04d.jpg",
                parse_number(number, kMaxPicture, "picture", reader));
  return std::string(name) + "/" + std::string(name) + digits.data();
}

PicturePair parse_genuine(LineReader& reader, int fold) {
  const auto columns = reader.next();
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
  const auto columns = reader.next();
  if (columns.size() != 4)
    reader.fail("expected a pair of two people, NAME1, I, NAME2 and J between tabs, not " +
                std::to_string(columns.size()) + " columns");
  if (columns[0] == columns[2])
    reader.fail("two people are expected, both are " + in_quotes(columns[0]));
  return {picture_path(columns[0], columns[1], reader),
          picture_path(columns[2], columns[3], reader), false, fold};
}

}  // namespace

PairList parse_pairs(std::string_view text, const std::string& name) {
  LineReader reader(text, name);
  const auto header = reader.next();
  if (header.size() > 2) reader.fail("expected a header of FOLDS and PAIRS, or of PAIRS alone");
  PairList list;
  if (header.size() == 2) list.folds = parse_number(header[0], kMaxFolds, "folds", reader);
  const int pairs = parse_number(header.back(), kMaxPairs, "pairs", reader);
  for (int fold = 0; fold < list.folds; ++fold) {
    for (int i = 0; i < pairs; ++i) list.pairs.push_back(parse_genuine(reader, fold));
    for (int i = 0; i < pairs; ++i) list.pairs.push_back(parse_impostor(reader, fold));
  }
  reader.expect_end();
  return list;
}

PairList read_pairs(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kMaxBytes);
  return parse_pairs({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
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
