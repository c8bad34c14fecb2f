#include "evaluate/line_reader.h"

#include <charconv>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

namespace likeness {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view LineReader::next() {
  if (rest_.empty()) {
    ++line_;
    fail("the list ends too early");
  }
  return take_line();
}

void LineReader::expect_end(const char* what) {
  while (!rest_.empty())
    if (!take_line().empty()) fail(what);
}

void LineReader::fail(const std::string& what) const {
  throw Error(ErrorCode::corrupt_file, name_ + ", line " + std::to_string(line_) + ": " + what);
}

std::string_view LineReader::take_line() {
  ++line_;
  const auto end = rest_.find('\n');
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> split_columns(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return split(line, '\t');
  const char separator = line.find(',') != std::string_view::npos ? ',' : ' ';
  std::vector<std::string_view> columns;
  for (const std::string_view part : split(line, separator)) {
    const std::string_view column = trimmed(part);
    if (separator == ',' || !column.empty()) columns.push_back(column);
  }
  return columns;
}

int parse_number(std::string_view text, int lowest, int highest, const char* what,
                 const LineReader& reader) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || value < lowest || value > highest)
    reader.fail(std::string(what) + " " + in_quotes(text) + ": expected a number from " +
                std::to_string(lowest) + " to " + std::to_string(highest));
  return value;
}

bool is_picture_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  for (const std::string_view part : split(path, '/'))
    if (part.empty() || part == "." || part == "..") return false;
  return true;
}

void check_picture_path(std::string_view path, const LineReader& reader) {
  if (!is_picture_path(path))
    reader.fail(in_quotes(path) + " is no path of a picture below the folder of pictures");
}

}  // namespace likeness
