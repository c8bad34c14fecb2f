#include <algorithm>
#include <set>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/picture_set.h>
#include <likeness/image/codec.h>

#include "evaluate/line_reader.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr std::string_view kHeader = "path,identity";

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

bool is_picture_list(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line == kHeader || (split_columns(line).size() == 1 && has_image_ending(line));
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
  LineReader reader(text, name);
  PictureSet set;
  bool with_identity = false;
  for (bool first = true; !reader.at_end(); first = false) {
    const std::string_view line = reader.next();
    if (first && line == kHeader) {
      with_identity = true;
      continue;
    }
    if (line.empty()) continue;
    const auto columns = split(line, ',');
    if (with_identity && columns.size() != 2) reader.fail("expected PICTURE,PERSON");
    const std::string picture(with_identity ? columns[0] : line);
    check_picture_path(picture, reader);
    const std::string person =
        with_identity ? std::string(columns[1]) : fs::path(picture).parent_path().string();
    if (person.empty()) reader.fail(in_quotes(picture) + ": no person; expected PERSON/PICTURE");
    if (!set.people.emplace(picture, person).second)
      reader.fail(in_quotes(picture) + " comes twice");
  }
  if (set.people.empty()) reader.fail("the list has no pictures");
  return with_pictures(std::move(set));
}

PictureSet read_pictures(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    const Bytes bytes = read_file(path, kMaxBytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (is_picture_list(text)) return parse_picture_list(text, path.string());
  }
  return pictures_of_people(std::vector{read_pairs(path)});
}

PictureSet without_people(PictureSet set, const PictureSet& other) {
  std::set<std::string> names;
  for (const auto& [picture, person] : other.people) names.insert(person);
  std::erase_if(set.people, [&](const auto& entry) { return names.contains(entry.second); });
  set.pictures.clear();
  return with_pictures(std::move(set));
}

}  // namespace likeness
