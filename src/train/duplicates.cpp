#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/worker_pool.h>
#include <likeness/image/codec.h>
#include <likeness/train/face_dataset.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// A picture by its places in the data set.
struct Place {
  std::size_t identity = 0;
  std::size_t picture = 0;
};

const std::string& path_of(const FaceDataset& dataset, const Place& place) {
  return dataset.identities[place.identity].pictures[place.picture];
}

/// Pictures that share their size with another one.
std::vector<Place> of_equal_size(const FaceDataset& dataset) {
  std::map<std::uintmax_t, std::vector<Place>> by_size;
  for (std::size_t i = 0; i < dataset.identities.size(); ++i) {
    const auto& pictures = dataset.identities[i].pictures;
    for (std::size_t k = 0; k < pictures.size(); ++k) {
      std::error_code error;
      const std::uintmax_t bytes = fs::file_size(dataset.root / pictures[k], error);
      if (!error) by_size[bytes].push_back({i, k});
    }
  }
  std::vector<Place> places;
  for (const auto& [bytes, group] : by_size)
    if (group.size() > 1) places.insert(places.end(), group.begin(), group.end());
  return places;
}

/// The content's digest, "" when it cannot be read: what is wrong with it will be said when it is
/// decoded.
std::string digest_of(const fs::path& path) {
  try {
    return sha256(read_file(path, DecodeLimits().max_bytes));
  } catch (const Error&) {
    return {};
  }
}

std::vector<std::string> digests(const FaceDataset& dataset, const std::vector<Place>& places,
                                 Progress& progress, const Cancellation* cancellation) {
  constexpr std::size_t kBatch = 64;
  std::vector<std::string> result(places.size());
  progress.begin("Looking for copies", static_cast<std::int64_t>(places.size()));
  run_jobs((places.size() + kBatch - 1) / kBatch, core_count(),
           [&](std::size_t batch) {
             if (cancellation != nullptr) cancellation->check();
             const std::size_t end = std::min((batch + 1) * kBatch, places.size());
             for (std::size_t i = batch * kBatch; i < end; ++i)
               result[i] = digest_of(dataset.root / path_of(dataset, places[i]));
           },
           [&](std::size_t finished) {
             progress.update(static_cast<std::int64_t>(std::min(finished * kBatch, places.size())));
           });
  progress.end();
  return result;
}

DuplicatePicture describe(const FaceDataset& dataset, const std::vector<Place>& copies) {
  DuplicatePicture duplicate;
  std::set<std::string> names;
  for (const Place& place : copies) {
    duplicate.pictures.push_back(path_of(dataset, place));
    names.insert(dataset.identities[place.identity].name);
  }
  std::sort(duplicate.pictures.begin(), duplicate.pictures.end());
  duplicate.identities.assign(names.begin(), names.end());
  return duplicate;
}

}  // namespace

std::vector<DuplicatePicture> remove_duplicates(FaceDataset& dataset, Progress& progress,
                                                const Cancellation* cancellation) {
  const std::vector<Place> places = of_equal_size(dataset);
  const std::vector<std::string> content = digests(dataset, places, progress, cancellation);
  std::map<std::string, std::vector<Place>> by_content;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (!content[i].empty()) by_content[content[i]].push_back(places[i]);

  std::vector<DuplicatePicture> duplicates;
  std::vector<std::set<std::string>> left_out(dataset.identities.size());
  for (const auto& [digest, copies] : by_content) {
    if (copies.size() < 2) continue;
    duplicates.push_back(describe(dataset, copies));
    const DuplicatePicture& duplicate = duplicates.back();
    const bool one_name = duplicate.identities.size() == 1;
    for (const Place& place : copies) {
      const std::string& path = path_of(dataset, place);
      if (!one_name || path != duplicate.pictures.front()) left_out[place.identity].insert(path);
    }
  }
  for (std::size_t i = 0; i < dataset.identities.size(); ++i)
    std::erase_if(dataset.identities[i].pictures,
                  [&](const std::string& path) { return left_out[i].contains(path); });
  std::erase_if(dataset.identities,
                [](const Identity& identity) { return identity.pictures.empty(); });
  std::sort(duplicates.begin(), duplicates.end(),
            [](const auto& a, const auto& b) { return a.pictures < b.pictures; });
  return duplicates;
}

}  // namespace likeness
