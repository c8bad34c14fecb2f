#pragma once

/// Comma-separated values as RFC 4180 has them. A reader belongs to one thread at a time.
///
///     CsvReader reader(text, "groups.csv");
///     while (const auto fields = reader.next()) use(fields->at(0));

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

/// Hands out the records of a text: fields between commas, quoted where they hold a comma, a quote
/// (doubled) or the end of a line. Lines end with LF or CRLF; blank ones are passed over, and so is
/// a byte order mark. `name` stands for the file in errors and must outlive the reader.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name);

  /// The fields of the next record, nothing behind the last.
  /// Throws Error(corrupt_file) for a quote that is never closed or stands within a field.
  std::optional<std::vector<std::string>> next();

  /// Throws Error(corrupt_file) that names the file and the line of the last record.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string quoted_field();
  std::string plain_field();
  /// True when a comma, and so another field, follows.
  bool end_of_field();
  bool at_line_end() const;
  void skip_line_end();

  std::string_view rest_;
  const std::string& name_;
  int next_line_ = 1;
  int record_line_ = 1;
};

}  // namespace likeness
