#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/local_model.h>
#include <likeness/model/store.h>

#include "model/fetch.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string() : std::string(value);
}

fs::path default_root() {
  if (const std::string cache = environment("LIKENESS_CACHE"); !cache.empty()) return cache;
  // The XDG specification: a relative path is to be ignored.
  if (const fs::path cache = environment("XDG_CACHE_HOME"); cache.is_absolute())
    return cache / "likeness";
  if (const std::string home = environment("HOME"); !home.empty())
    return fs::path(home) / ".cache" / "likeness";
  throw Error(ErrorCode::not_found,
              "no folder for network weights: HOME is not set; set LIKENESS_CACHE to a folder");
}

fs::path local_folder(const fs::path& root) {
  return root / "local";
}

/// `manifest` and the models that were registered below `root`, in the order of their names.
Manifest with_local_models(Manifest manifest, const fs::path& root) {
  std::set<fs::path> folders;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(local_folder(root), ignored))
    if (item.path().filename().string().front() != '.') folders.insert(item.path());
  Manifest known = manifest;  // one may be a part of another
  for (const fs::path& folder : folders) {
    ModelEntry named;
    named.id = folder.filename();
    known.models.push_back(named);
  }
  for (const fs::path& folder : folders) manifest.models.push_back(read_local_model(folder, known));
  return manifest;
}

/// `likeness calibrate` keeps what it measured beside the weights; it goes where they go.
void copy_calibration(const fs::path& from, const fs::path& to) {
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  const char* const name = "calibration.json";
  std::error_code ignored;
  if (fs::exists(from / name, ignored)) write_file(to / name, read_file(from / name, kMaxBytes));
}

const ModelEntry* entry_of(const Manifest& manifest, const std::string& id) {
  const auto found = std::find_if(manifest.models.begin(), manifest.models.end(),
                                  [&](const ModelEntry& entry) { return entry.id == id; });
  return found == manifest.models.end() ? nullptr : &*found;
}

[[noreturn]] void throw_taken(const std::string& folder, const std::string& id) {
  throw Error(ErrorCode::invalid_argument,
              folder + ": its id '" + id +
                  "' is that of another model; add it with another --id, or change \"id\" in its "
                  "model.json");
}

/// An id is also the name of a folder.
void check_new_id(const ModelEntry& entry) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (entry.id.find_first_not_of(kAllowed) != std::string::npos)
    throw Error(ErrorCode::invalid_argument,
                "--id " + entry.id + ": may hold small letters, digits and underscores only");
}

}  // namespace

ModelStore::ModelStore(fs::path root, const Manifest& manifest)
    : root_(root.empty() ? default_root() : std::move(root)),
      manifest_(std::make_shared<const Manifest>(with_local_models(manifest, root_))) {}

std::string ModelStore::open(const std::string& model) {
  if (entry_of(*manifest_, model) != nullptr) return model;
  std::error_code ignored;
  if (!fs::is_directory(model, ignored)) return manifest_->find(model).id;  // throws
  ModelEntry entry = read_local_model(model, *manifest_);
  std::string id = entry.id;
  if (const ModelEntry* known = entry_of(*manifest_, id)) {
    if (known->sha256 == entry.sha256) return id;
    throw_taken(model, id);
  }
  Manifest manifest = *manifest_;
  manifest.models.push_back(std::move(entry));
  manifest_ = std::make_shared<const Manifest>(std::move(manifest));
  return id;
}

std::string ModelStore::add(const fs::path& folder, const std::string& id) {
  ModelEntry entry = read_local_model(folder, *manifest_);
  if (!id.empty()) entry.id = id;
  check_new_id(entry);
  if (const ModelEntry* known = entry_of(*manifest_, entry.id);
      known != nullptr && known->sha256 != entry.sha256)
    throw_taken(folder.string(), entry.id);
  const Bytes weights = read_file(entry.file, static_cast<std::size_t>(entry.bytes));
  if (sha256(weights) != entry.sha256)
    throw Error(ErrorCode::checksum_mismatch,
                entry.file.string() + ": is not the file that its model.json describes");
  const fs::path target = local_folder(root_) / entry.id;
  std::error_code error;
  fs::create_directories(target, error);
  if (error) throw Error(ErrorCode::write_failed, target.string() + ": " + error.message());
  write_local_model(
      target, {.entry = entry, .weights = parse_safetensors(weights, entry.file.string()).tensors},
      Precision::full);
  copy_calibration(entry.file.parent_path(), target);
  open(target.string());
  return entry.id;
}

void ModelStore::remove(const std::string& id) {
  const ModelEntry& entry = manifest_->find(id);
  const fs::path folder = local_folder(root_) / id;
  if (entry.file.empty() || entry.file.parent_path() != folder)
    throw Error(ErrorCode::invalid_argument,
                "model '" + id +
                    "' was not added here: only what 'likeness models add' added can be "
                    "removed");
  for (const ModelEntry& other : manifest_->models)
    if (std::find(other.parts.begin(), other.parts.end(), id) != other.parts.end())
      throw Error(ErrorCode::invalid_argument, "model '" + id + "' is part of '" + other.id +
                                                   "', which has to be removed first");
  Manifest manifest = *manifest_;
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": " + error.message());
  std::erase_if(manifest.models, [&](const ModelEntry& other) { return other.id == id; });
  manifest_ = std::make_shared<const Manifest>(std::move(manifest));
}

fs::path ModelStore::path(const std::string& id) const {
  const ModelEntry& entry = manifest_->find(id);
  if (!entry.has_weights()) {
    std::string parts;
    for (const std::string& part : entry.parts) parts += (parts.empty() ? "" : ", ") + part;
    throw Error(ErrorCode::invalid_argument,
                "model '" + id + "' has no file of its own, it combines " + parts);
  }
  if (!entry.file.empty()) return entry.file;
  constexpr std::size_t kDigits = 8;
  return root_ / "models" / (id + "-" + entry.sha256.substr(0, kDigits) + ".safetensors");
}

ModelStatus ModelStore::status(const std::string& id, bool checksum) const {
  const ModelEntry& entry = manifest_->find(id);
  ModelStatus status{.id = id, .state = ModelState::present, .path = {}, .detail = {}};
  for (const std::string& part : entry.parts) {
    const ModelStatus found = this->status(part, checksum);
    // The states are declared from best to worst.
    if (found.state > status.state)
      status = {.id = id, .state = found.state, .path = found.path, .detail = found.detail};
  }
  if (!entry.has_weights() || status.state != ModelState::present) return status;

  status.path = path(id);
  std::error_code error;
  const auto bytes = fs::file_size(status.path, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    status.state = ModelState::missing;
  } else if (error) {
    status.detail = error.message();
  } else if (bytes != static_cast<std::uintmax_t>(entry.bytes)) {
    status.detail = std::to_string(bytes) + " bytes instead of " + std::to_string(entry.bytes);
  } else if (checksum) {
    try {
      const std::string digest = sha256(read_file(status.path, bytes));
      if (digest != entry.sha256)
        status.detail = "sha256 " + digest + " instead of " + entry.sha256;
    } catch (const Error& unreadable) {
      status.detail = unreadable.what();
    }
  }
  if (!status.detail.empty()) status.state = ModelState::damaged;
  return status;
}

void ModelStore::pull(const std::string& id, Progress& progress) const {
  pull(std::vector<std::string>{id}, progress);
}

void ModelStore::pull(const std::vector<std::string>& ids, Progress& progress) const {
  std::vector<ModelStatus> missing;
  std::set<std::string> seen;
  const auto look_at = [&](const std::string& id) {
    if (!seen.insert(id).second) return;
    const ModelStatus found = status(id, true);
    if (found.state == ModelState::present) return;
    if (!manifest_->find(id).file.empty())
      throw Error(
          ErrorCode::missing_model,
          found.path.string() + ": " +
              (found.detail.empty() ? "no such file" : "damaged (" + found.detail + ")") +
              "; this model was trained here and cannot be fetched: export or copy it again");
    if (found.state == ModelState::damaged)
      progress.note(found.path.string() + " is damaged (" + found.detail + "): fetching it again");
    missing.push_back(found);
  };
  for (const std::string& id : ids) {
    const ModelEntry& entry = manifest_->find(id);
    if (entry.has_weights()) look_at(id);
    for (const std::string& part : entry.parts) look_at(part);
  }
  fetch(*this, missing, progress);
}

TensorMap ModelStore::load(const std::string& id, Progress& progress) const {
  const fs::path file = path(id);
  if (status(id).state == ModelState::present) {
    try {
      return read_safetensors(file).tensors;
    } catch (const Error&) {
      // The checksum will differ as well: pull says so and fetches the file again.
    }
  }
  pull(id, progress);
  return read_safetensors(file).tensors;
}

TensorMap ModelStore::load(const std::string& id) const {
  Progress silent;
  return load(id, silent);
}

}  // namespace likeness
