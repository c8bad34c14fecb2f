#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <likeness/core/csv.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/random.h>
#include <likeness/core/text.h>
#include <likeness/image/codec.h>
#include <likeness/train/face_dataset.h>

#include "train/listing.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;

/// What was found beside the pictures.
struct PassedOver {
  std::vector<std::string> files;
  std::vector<std::string> empty_folders;
  bool pictures_in_root = false;
};

template <class Visit>
void for_each_entry(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!entry->path().filename().string().starts_with('.')) visit(*entry);
  }
  if (error)
    throw Error(ErrorCode::unreadable,
                folder.string() + ": cannot list the folder: " + error.message());
}

Identity read_identity(const fs::path& folder, PassedOver& passed_over) {
  Identity identity{.name = folder.filename().string(), .pictures = {}};
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    const std::string path = (folder.filename() / entry.path().filename()).generic_string();
    if (entry.is_regular_file(ignored) && has_image_ending(entry.path()))
      identity.pictures.push_back(path);
    else
      passed_over.files.push_back(path);
  });
  std::sort(identity.pictures.begin(), identity.pictures.end());
  return identity;
}

FaceDataset read_folder(const fs::path& root, PassedOver& passed_over) {
  FaceDataset dataset{.root = root, .identities = {}};
  for_each_entry(root, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    if (!entry.is_directory(ignored)) {
      passed_over.files.push_back(entry.path().filename().string());
      passed_over.pictures_in_root |= has_image_ending(entry.path());
      return;
    }
    Identity identity = read_identity(entry.path(), passed_over);
    if (identity.pictures.empty())
      passed_over.empty_folders.push_back(identity.name);
    else
      dataset.identities.push_back(std::move(identity));
  });
  std::sort(dataset.identities.begin(), dataset.identities.end(),
            [](const Identity& a, const Identity& b) { return a.name < b.name; });
  // Folders are listed in any order; what is said of them is not.
  std::sort(passed_over.files.begin(), passed_over.files.end());
  std::sort(passed_over.empty_folders.begin(), passed_over.empty_folders.end());
  return dataset;
}

FaceDataset read_list(const fs::path& path) {
  const Bytes bytes = read_file(path, kMaxListBytes);
  FaceDataset dataset =
      parse_face_list({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string(),
                      path.has_parent_path() ? path.parent_path() : fs::path("."));
  std::error_code ignored;
  for (const Identity& identity : dataset.identities)
    for (const std::string& picture : identity.pictures)
      if (!fs::exists(dataset.root / picture, ignored))
        throw Error(ErrorCode::not_found, path.string() +
                                              ": names a picture that does not exist: " +
                                              (dataset.root / picture).string() +
                                              "; relative paths start from the list's folder");
  return dataset;
}

void check_content(const FaceDataset& dataset, const fs::path& data,
                   const PassedOver& passed_over) {
  const std::string layout =
      data.string() + "/ANNA/1.jpg: one folder for each identity, its pictures inside";
  if (dataset.identities.empty())
    throw Error(ErrorCode::invalid_argument,
                data.string() +
                    (passed_over.pictures_in_root
                         ? ": pictures lie in the folder itself; expected "
                         : ": no pictures (.jpg, .png, .webp, .bmp, .tif) found; expected ") +
                    layout);
  if (dataset.identities.size() == 1)
    throw Error(ErrorCode::invalid_argument,
                data.string() + ": only one identity, '" + dataset.identities.front().name +
                    "'; telling people apart needs two. Expected " + layout);
}

void report(const FaceDataset& dataset, const PassedOver& passed_over, Progress& progress) {
  if (!passed_over.files.empty())
    progress.note(
        listing(passed_over.files, "file that is no picture", "files that are no pictures") +
        " passed over");
  if (!passed_over.empty_folders.empty())
    progress.note(listing(passed_over.empty_folders, "folder without a picture",
                          "folders without a picture") +
                  " passed over");
  std::vector<std::string> lone;
  for (const Identity& identity : dataset.identities)
    if (identity.pictures.size() == 1) lone.push_back(identity.name);
  if (!lone.empty())
    progress.note(
        listing(lone, "identity with a single picture", "identities with a single picture") +
        ": kept for negatives only");
}

void report(const std::vector<DuplicatePicture>& duplicates, Progress& progress) {
  std::vector<std::string> within;
  std::vector<std::string> across;
  for (const DuplicatePicture& duplicate : duplicates) {
    std::string pictures;
    for (const std::string& picture : duplicate.pictures)
      pictures += (pictures.empty() ? "" : " = ") + picture;
    (duplicate.identities.size() == 1 ? within : across).push_back(pictures);
  }
  if (!within.empty())
    progress.note(listing(within, "picture lies", "pictures lie") +
                  " under its name more than once: used once");
  if (!across.empty())
    progress.note(listing(across, "picture lies", "pictures lie") +
                  " under several names: left out, since only one name can be right");
}

std::uint64_t rank(std::uint64_t seed, std::string_view name) {
  std::uint64_t value = Random(seed)();
  for (const char c : name) value = Random(value ^ static_cast<unsigned char>(c))();
  return value;
}

}  // namespace

std::int64_t FaceDataset::picture_count() const {
  std::int64_t count = 0;
  for (const Identity& identity : identities)
    count += static_cast<std::int64_t>(identity.pictures.size());
  return count;
}

FaceDataset read_face_dataset(const fs::path& data, Progress& progress,
                              const Cancellation* cancellation) {
  std::error_code error;
  if (!fs::exists(data, error))
    throw Error(ErrorCode::not_found,
                data.string() + ": no such folder or list" + (error ? ": " + error.message() : ""));
  PassedOver passed_over;
  FaceDataset dataset =
      fs::is_directory(data, error) ? read_folder(data, passed_over) : read_list(data);
  check_content(dataset, data, passed_over);
  const auto duplicates = remove_duplicates(dataset, progress, cancellation);
  report(duplicates, progress);
  if (dataset.identities.size() < 2)
    throw Error(ErrorCode::invalid_argument,
                data.string() +
                    ": without the pictures that lie under several names fewer than two identities "
                    "are left; sort the pictures anew");
  report(dataset, passed_over, progress);
  return dataset;
}

FaceDataset parse_face_list(std::string_view text, const std::string& name, const fs::path& root) {
  CsvReader reader(text, name);
  std::map<std::string, std::set<std::string>> pictures;
  const std::vector<std::string> header = {"path", "identity"};
  bool first = true;
  while (const auto fields = reader.next()) {
    if (std::exchange(first, false) && *fields == header) continue;
    if (fields->size() != 2)
      reader.fail("expected the columns path,identity, not " + std::to_string(fields->size()) +
                  " columns");
    if (fields->front().empty() || fields->back().empty())
      reader.fail("expected path,identity; one of them is empty");
    if (fields->front().find('\0') != std::string::npos) reader.fail("a path cannot hold a zero");
    pictures[fields->back()].insert(fields->front());
  }
  FaceDataset dataset{.root = root, .identities = {}};
  for (const auto& [identity, paths] : pictures)
    dataset.identities.push_back({identity, {paths.begin(), paths.end()}});
  return dataset;
}

FaceDataset without_identities(FaceDataset dataset, std::span<const std::string> names) {
  const std::set<std::string> left_out(names.begin(), names.end());
  std::erase_if(dataset.identities,
                [&](const Identity& identity) { return left_out.contains(identity.name); });
  return dataset;
}

IdentitySplit split_identities(std::span<const std::string> names,
                               std::span<const std::int64_t> picture_counts, double share,
                               std::uint64_t seed) {
  LIKENESS_CHECK(names.size() == picture_counts.size());
  if (!(share > 0 && share < 1))
    throw Error(ErrorCode::invalid_argument,
                "share for validation " + number_text(share) + ": use a number between 0 and 1");
  IdentitySplit split;
  std::vector<std::pair<std::uint64_t, std::string>> ranked;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (picture_counts[i] >= 2)
      ranked.emplace_back(rank(seed, names[i]), names[i]);
    else
      split.train.push_back(names[i]);
  }
  std::sort(ranked.begin(), ranked.end());
  const auto wanted =
      static_cast<std::size_t>(std::floor(share * static_cast<double>(ranked.size()) + 0.5));
  const std::size_t count = std::max<std::size_t>(2, wanted);
  if (ranked.size() < count + 2)
    throw Error(ErrorCode::invalid_argument,
                "cannot take a share of " + number_text(share) + " of " +
                    std::to_string(ranked.size()) +
                    " identities with two pictures or more for validation: both parts need two");
  for (std::size_t i = 0; i < ranked.size(); ++i)
    (i < count ? split.validation : split.train).push_back(std::move(ranked[i].second));
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace likeness
