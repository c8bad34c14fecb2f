#include <algorithm>
#include <system_error>
#include <utility>

#include <likeness/core/csv.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/picture_set.h>
#include <likeness/image/codec.h>

#include "evaluate/line_reader.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "path,identity";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Collects the pictures below `folder`; `below` is the way from the root to it.
void add_folder(const fs::path& root, const fs::path& below, PictureSet& set) {
  std::error_code error;
  for (fs::directory_iterator entry(root / below, error), last; !error && entry != last;
       entry.increment(error)) {
    const fs::path path = below / entry->path().filename();
    if (path.filename().string().starts_with(".")) continue;
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (is_folder && !entry->is_symlink(ignored)) add_folder(root, path, set);
    if (is_folder || !has_image_ending(path)) continue;
    if (below.empty())
      throw Error(ErrorCode::invalid_argument,
                  (root / path).string() +
                      ": lies in no folder of a person; pictures are expected in "
                      "PERSON/PICTURE.jpg");
    set.people.emplace(path.string(), below.string());
  }
  if (error)
    throw Error(ErrorCode::unreadable,
                (root / below).string() + ": the folder cannot be listed: " + error.message());
}

PictureSet with_pictures(PictureSet set) {
  for (const auto& [picture, person] : set.people) set.pictures.push_back(picture);
  return set;
}

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

bool is_picture_list(std::string_view text) {
  const std::string_view line = first_line(text);
  return line == kHeader || (split_columns(line).size() == 1 && has_image_ending(line));
}

/// Whether a line speaks of pictures or numbers them, as lists of pictures and pairs do.
bool names_pictures(std::string_view line) {
  const auto columns = split_columns(line);
  return line.find_first_of("\t,/") != std::string_view::npos ||
         std::any_of(columns.begin(), columns.end(), [](auto c) { return has_image_ending(c); });
}

/// Adds a picture of a list. `reader` says where it stands.
template <class Reader>
void add_listed(const std::string& picture, const std::string& person, const Reader& reader,
                PictureSet& set) {
  if (!is_picture_path(picture))
    reader.fail(in_quotes(picture) + " is no path of a picture below the folder of pictures");
  if (person.empty())
    reader.fail(
        in_quotes(picture) +
        ": no person; expected PERSON/PICTURE, or lines of PICTURE,PERSON below the header " +
        std::string(kHeader));
  if (!set.people.emplace(picture, person).second) reader.fail(in_quotes(picture) + " comes twice");
}

void add_table(std::string_view text, const std::string& name, PictureSet& set) {
  CsvReader reader(text, name);
  reader.next();  // the header
  while (const auto fields = reader.next()) {
    if (fields->size() != 2) reader.fail("expected PICTURE,PERSON");
    add_listed(fields->front(), fields->back(), reader, set);
  }
}

void add_lines(std::string_view text, const std::string& name, PictureSet& set) {
  LineReader reader(text, name);
  while (!reader.at_end()) {
    const std::string picture(reader.next());
    if (!picture.empty())
      add_listed(picture, fs::path(picture).parent_path().string(), reader, set);
  }
}

std::string read_text(const fs::path& path) {
  const Bytes bytes = read_file(path, kMaxListBytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::int64_t PictureSet::impostor_pairs() const {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [picture, person] : people) ++counts[person];
  const auto all = static_cast<std::int64_t>(people.size());
  std::int64_t pairs = all * (all - 1) / 2;
  for (const auto& [person, count] : counts) pairs -= count * (count - 1) / 2;
  return pairs;
}

PictureSet pictures_of_people(std::span<const PairList> lists) {
  PictureSet set;
  for (const PairList& list : lists) {
    if (list.people.empty())
      throw Error(ErrorCode::invalid_argument,
                  "a list of pairs does not say whom its pictures show; use lists with names "
                  "(LFW, CFP) or a folder with one folder for each person");
    set.people.insert(list.people.begin(), list.people.end());
  }
  return with_pictures(std::move(set));
}

PictureSet pictures_in_folder(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw Error(ErrorCode::not_found, folder.string() + ": no such folder");
  PictureSet set;
  add_folder(folder, {}, set);
  if (set.people.empty())
    throw Error(ErrorCode::not_found,
                folder.string() + ": no picture in its folders (.jpg, .png, .webp, .bmp, .tiff)");
  return with_pictures(std::move(set));
}

PictureSet parse_picture_list(std::string_view text, const std::string& name) {
  PictureSet set;
  if (first_line(text) == kHeader)
    add_table(text, name, set);
  else
    add_lines(text, name, set);
  if (set.people.empty()) throw Error(ErrorCode::corrupt_file, name + ": the list has no pictures");
  return with_pictures(std::move(set));
}

PictureSet read_pictures(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    const std::string text = read_text(path);
    if (is_picture_list(text)) return parse_picture_list(text, path.string());
  }
  return pictures_of_people(std::vector{read_pairs(path)});
}

PictureSet read_picture_list(const fs::path& path) {
  return parse_picture_list(read_text(path), path.string());
}

std::set<std::string> read_names(const fs::path& path) {
  std::error_code ignored;
  const std::string text = fs::is_directory(path, ignored) ? "" : read_text(path);
  const std::string name = path.string();
  std::set<std::string> names;
  LineReader reader(text, name);
  while (!reader.at_end()) {
    const std::string_view line = reader.next();
    if (names_pictures(line)) {
      names.clear();
      break;
    }
    if (!line.empty()) names.emplace(line);
  }
  if (names.empty())
    for (const auto& [picture, person] : read_pictures(path).people) names.insert(person);
  return names;
}

PictureSet without_people(PictureSet set, const std::set<std::string>& names) {
  std::erase_if(set.people, [&](const auto& entry) { return names.contains(entry.second); });
  set.pictures.clear();
  return with_pictures(std::move(set));
}

}  // namespace likeness
