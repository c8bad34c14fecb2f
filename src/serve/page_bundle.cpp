#include "serve/page_bundle.h"

#include <algorithm>
#include <charconv>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#define ZLIB_CONST  // zlib does not write to what it reads
#include <zlib.h>

namespace likeness::serve {
namespace {

/// The bundle begins with lines of text: this one, then one for each file, then an empty one. After
/// them lie the gzip files, one behind the other.
constexpr std::string_view kFirstLine = "likeness-page 1";
constexpr std::size_t kColumns = 7;  ///< path, type, sha256, mutability, offset, bytes, unpacked
constexpr std::size_t kLargestFile = std::size_t{64} << 20;

[[noreturn]] void refuse_bundle(const std::string& what) {
  throw Error(ErrorCode::corrupt_file, "page bundle: " + what + "; build it again");
}

/// The line at the front of `text`, which is shortened by it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) refuse_bundle("its index is cut off");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::vector<std::string_view> columns(std::string_view line) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = line.find('\t');
    parts.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return parts;
    line.remove_prefix(end + 1);
  }
}

std::size_t number(std::string_view text, std::string_view line) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    refuse_bundle("no number in " + in_quotes(line));
  return value;
}

struct Entry {
  PageFile file;
  std::size_t offset = 0;
  std::size_t length = 0;
};

Entry entry_of(std::string_view line) {
  const auto parts = columns(line);
  if (parts.size() != kColumns || parts[0].empty() || parts[0].front() != '/' ||
      parts[2].size() != 64 || (parts[3] != "immutable" && parts[3] != "changing"))
    refuse_bundle("not an entry: " + in_quotes(line));
  Entry entry{.file = {.path = parts[0], .type = parts[1], .etag = parts[2]},
              .offset = number(parts[4], line),
              .length = number(parts[5], line)};
  entry.file.immutable = parts[3] == "immutable";
  entry.file.size = number(parts[6], line);
  if (entry.file.size > kLargestFile) refuse_bundle("too large: " + in_quotes(line));
  return entry;
}

}  // namespace

PageBundle::PageBundle(std::span<const std::uint8_t> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (take_line(text) != kFirstLine)
    refuse_bundle("it does not begin with " + in_quotes(kFirstLine));
  std::vector<Entry> entries;
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text))
    entries.push_back(entry_of(line));
  const auto content = bytes.subspan(bytes.size() - text.size());
  for (Entry& entry : entries) {
    if (entry.offset > content.size() || entry.length > content.size() - entry.offset)
      refuse_bundle("the content of " + in_quotes(entry.file.path) + " is cut off");
    entry.file.gzip = content.subspan(entry.offset, entry.length);
    files_.push_back(entry.file);
  }
}

std::optional<PageFile> PageBundle::find(std::string_view path) const {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const PageFile& file) { return file.path == path; });
  if (found == files_.end()) return {};
  return *found;
}

std::string unpack(const PageFile& file) {
  std::string content(file.size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) refuse_bundle("gzip cannot be unpacked");
  stream.next_in = file.gzip.data();
  stream.avail_in = static_cast<uInt>(file.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (result != Z_STREAM_END || stream.avail_out != 0)
    refuse_bundle("the content of " + in_quotes(file.path) + " is broken");
  return content;
}

}  // namespace likeness::serve
