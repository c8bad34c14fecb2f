#pragma once

/// Lists of pictures, line by line.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

/// What a list of pictures may have.
inline constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;

/// Hands out the lines of a text and knows where it stands.
class LineReader {
 public:
  /// `name` stands for the text in errors; both must outlive the reader.
  LineReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  bool at_end() const { return rest_.empty(); }

  /// The next line without its end. Throws when there is none.
  std::string_view next();

  /// Throws, saying `what`, unless only blank lines follow.
  void expect_end(const char* what = "the list goes on after an empty line");

  /// Throws Error(corrupt_file) with the number of the line that was handed out last.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string_view take_line();

  std::string_view rest_;
  const std::string& name_;
  int line_ = 0;
};

/// The parts between `separator`s, at least one, empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The columns of a line: between tabs where it has one, else between commas (without spaces round
/// them), else between runs of spaces.
std::vector<std::string_view> split_columns(std::string_view line);

/// A whole number from `lowest` to `highest`; `what` is named in errors.
int parse_number(std::string_view text, int lowest, int highest, const char* what,
                 const LineReader& reader);

/// Whether `path` names a file below the folder of pictures: relative, no part empty, "." or "..".
bool is_picture_path(std::string_view path);

/// Throws unless it does.
void check_picture_path(std::string_view path, const LineReader& reader);

}  // namespace likeness
