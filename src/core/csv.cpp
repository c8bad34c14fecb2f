
#include <algorithm>

#include <likeness/core/csv.h>
#include <likeness/core/error.h>

namespace likeness {

CsvReader::CsvReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

void CsvReader::fail(const std::string& what) const {
  throw Error(ErrorCode::corrupt_file,
              name_ + ", line " + std::to_string(record_line_) + ": " + what);
}

bool CsvReader::at_line_end() const {
  return rest_.empty() || rest_.front() == '\n' || rest_.starts_with("\r\n");
}

void CsvReader::skip_line_end() {
  if (rest_.empty()) return;
  rest_.remove_prefix(rest_.front() == '\r' ? 2 : 1);
  ++next_line_;
}

std::optional<std::vector<std::string>> CsvReader::next() {
  while (!rest_.empty() && at_line_end()) skip_line_end();
  record_line_ = next_line_;
  if (rest_.empty()) return std::nullopt;
  std::vector<std::string> fields;
  do {
    fields.push_back(rest_.starts_with('"') ? quoted_field() : plain_field());
  } while (end_of_field());
  return fields;
}

std::string CsvReader::quoted_field() {
  std::string field;
  rest_.remove_prefix(1);
  while (true) {
    const auto quote = rest_.find('"');
    if (quote == std::string_view::npos) fail("a quote is never closed");
    field += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) break;
    field += '"';
    rest_.remove_prefix(1);
  }
  next_line_ += static_cast<int>(std::count(field.begin(), field.end(), '\n'));
  return field;
}

std::string CsvReader::plain_field() {
  std::string field;
  while (!at_line_end() && rest_.front() != ',') {
    if (rest_.front() == '"') fail("a quote within a field: put the whole field between quotes");
    field += rest_.front();
    rest_.remove_prefix(1);
  }
  return field;
}

bool CsvReader::end_of_field() {
  if (at_line_end()) {
    skip_line_end();
    return false;
  }
  if (rest_.front() != ',') fail("text follows a closing quote");
  rest_.remove_prefix(1);
  return true;
}

}  // namespace likeness
