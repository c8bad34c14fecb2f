#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/image/codec.h>

#include "evaluate/line_reader.h"

namespace likeness {
namespace {

constexpr std::size_t kMaxPairs = 1'000'000;

enum class Shape { two_lines, flag_last, flag_first };

using Columns = std::vector<std::string_view>;

Shape shape_of(const Columns& columns, const LineReader& reader) {
  if (columns.size() == 2 && has_image_ending(columns[0])) return Shape::two_lines;
  if (columns.size() == 3 && has_image_ending(columns[0])) return Shape::flag_last;
  if (columns.size() == 3 && has_image_ending(columns[1])) return Shape::flag_first;
  reader.fail("expected PICTURE FLAG, PICTURE PICTURE FLAG or FLAG PICTURE PICTURE, not " +
              std::to_string(columns.size()) +
              " columns; names with spaces need tabs or commas between the columns");
}

std::string picture(std::string_view path, const LineReader& reader) {
  check_picture_path(path, reader);
  return std::string(path);
}

class FlaggedPairs {
 public:
  FlaggedPairs(std::string_view text, const std::string& name) : reader_(text, name) {}

  PairList parse() {
    PairList list;
    bool first = true;
    while (!reader_.at_end()) {
      const Columns columns = split_columns(reader_.next());
      if (columns.empty() || (columns.size() == 1 && columns[0].empty())) {
        reader_.expect_end();
        break;
      }
      if (std::exchange(first, false)) shape_ = shape_of(columns, reader_);
      if (list.pairs.size() == kMaxPairs)
        reader_.fail("more than " + std::to_string(kMaxPairs) + " pairs");
      list.pairs.push_back(shape_ == Shape::two_lines ? two_lines(columns) : one_line(columns));
      if (list.pairs.back().first == list.pairs.back().second)
        reader_.fail("pairs a picture with itself: " + in_quotes(list.pairs.back().first));
    }
    if (list.pairs.empty()) reader_.fail("the list has no pairs");
    return list;
  }

 private:
  void expect_columns(const Columns& columns, std::size_t count) const {
    if (columns.size() != count)
      reader_.fail("expected " + std::to_string(count) + " columns as in the first line, not " +
                   std::to_string(columns.size()));
  }

  PicturePair two_lines(const Columns& first) {
    constexpr int kHighestFlag = 10;  // some lists write the fold of the pair instead of 1
    expect_columns(first, 2);
    const int flag = parse_number(first[1], 0, kHighestFlag, "flag", reader_);
    PicturePair pair{picture(first[0], reader_), {}, flag != 0, 0};
    const Columns second = split_columns(reader_.next());
    expect_columns(second, 2);
    pair.second = picture(second[0], reader_);
    if (parse_number(second[1], 0, kHighestFlag, "flag", reader_) != flag)
      reader_.fail("flag " + in_quotes(second[1]) + " differs from that of the line before, " +
                   std::to_string(flag) + "; both lines of a pair have the same");
    return pair;
  }

  PicturePair one_line(const Columns& columns) const {
    expect_columns(columns, 3);
    const std::size_t flag = shape_ == Shape::flag_last ? 2 : 0;
    const std::size_t path = shape_ == Shape::flag_last ? 0 : 1;
    return {picture(columns[path], reader_), picture(columns[path + 1], reader_),
            parse_number(columns[flag], -1, 1, "flag", reader_) == 1, 0};
  }

  LineReader reader_;
  Shape shape_ = Shape::flag_last;
};

}  // namespace

PairList parse_flagged_pairs(std::string_view text, const std::string& name) {
  return FlaggedPairs(text, name).parse();
}

}  // namespace likeness
