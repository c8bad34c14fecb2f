#include <cstdlib>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
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

}  // namespace

ModelStore::ModelStore(fs::path root, const Manifest& manifest)
    : root_(root.empty() ? default_root() : std::move(root)), manifest_(&manifest) {}

fs::path ModelStore::path(const std::string& id) const {
  const ModelEntry& entry = manifest_->find(id);
  if (!entry.parts.empty()) {
    std::string parts;
    for (const std::string& part : entry.parts) parts += (parts.empty() ? "" : ", ") + part;
    throw Error(ErrorCode::invalid_argument,
                "model '" + id + "' has no file of its own, it combines " + parts);
  }
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
  if (!entry.parts.empty()) return status;

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
    if (found.state == ModelState::damaged)
      progress.note(found.path.string() + " is damaged (" + found.detail + "): fetching it again");
    missing.push_back(found);
  };
  for (const std::string& id : ids) {
    const ModelEntry& entry = manifest_->find(id);
    if (entry.parts.empty()) look_at(id);
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
