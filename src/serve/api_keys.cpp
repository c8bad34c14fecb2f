#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/gallery/gallery.h>
#include <likeness/serve/api_keys.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/key_file.h"

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookAgainAfter(500);
constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
/// A file of so many stays far below kMaxFileBytes, so that what was written can be read.
constexpr std::size_t kMaxKeys = 10'000;
constexpr std::string_view kPrefix = "lk_";
constexpr std::size_t kSecretBytes = 32;

/// Tells one state of a file from the next.
struct Stamp {
  bool there = false;
  ino_t inode = 0;
  off_t size = 0;
  std::array<std::int64_t, 4> times = {};
  bool operator==(const Stamp&) const = default;
};

Stamp stamp_of(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {.there = true,
          .inode = info.st_ino,
          .size = info.st_size,
          .times = {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec,
                    info.st_ctim.tv_nsec}};
}

KeyFile read_key_file(const fs::path& path) {
  const Bytes bytes = [&path] {
    try {
      return read_file(path, kMaxFileBytes);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::too_large) throw;
      throw Error(ErrorCode::corrupt_file, std::string(error.what()) + " of a file of keys");
    }
  }();
  return parse_key_file({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

std::string new_id(const KeyFile& file) {
  const auto taken = [&file](const std::string& id) {
    return std::any_of(file.keys.begin(), file.keys.end(),
                       [&id](const StoredKey& stored) { return stored.key.id == id; });
  };
  std::array<unsigned char, 4> random;
  std::array<char, 2 * random.size() + 1> digits;
  do {
    randombytes_buf(random.data(), random.size());
    sodium_bin2hex(digits.data(), digits.size(), random.data(), random.size());
  } while (taken(digits.data()));
  return digits.data();
}

std::string new_secret(const std::string& id) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<unsigned char, kSecretBytes> random;
  std::array<char, sodium_base64_ENCODED_LEN(kSecretBytes, kVariant)> text;
  randombytes_buf(random.data(), random.size());
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), kVariant);
  return std::string(kPrefix) + id + "_" + text.data();
}

KeyHash hash_of(std::string_view secret, const KeyHash& hash_key) {
  KeyHash hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
                     hash_key.data(), hash_key.size());
  return hash;
}

/// The part of a secret that is its key's id; empty for what is no secret.
std::string_view id_in(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return {};
  secret.remove_prefix(kPrefix.size());
  return secret.substr(0, secret.find('_'));
}

/// A new file is readable by its owner alone from its first moment; one that is there keeps the
/// permissions that somebody gave it.
void write_key_file(const fs::path& path, const KeyFile& file) {
  if (stamp_of(path).there) {
    write_file(path, key_file_text(file));
    return;
  }
  const fs::path fresh = path.string() + ".new";  // nobody else makes it: the lock is held
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool made = descriptor >= 0 && ::fchmod(descriptor, 0600) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!made) throw Error(ErrorCode::write_failed, fresh.string() + ": " + std::strerror(error));
  write_file(fresh, key_file_text(file));
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    throw Error(ErrorCode::write_failed, path.string() + ": " + std::strerror(errno));
}

}  // namespace

/// What was read of the file, and when. `mutex` guards all of it.
struct ApiKeys::Contents {
  std::mutex mutex;
  KeyFile file;
  Stamp stamp;
  Clock::time_point looked_at;
  bool sound = true;  ///< `file` is what `stamp` stands for

  /// Reads the file unless it is as it was. Throws Error(unavailable).
  void refresh(const fs::path& path) {
    looked_at = Clock::now();
    // Taken before reading: what is written meanwhile is read at the next look.
    const Stamp now = stamp_of(path);
    if (now == stamp && sound) return;
    sound = false;
    try {
      // Keys that vanish must not turn everybody into an administrator.
      if (!now.there && !file.keys.empty())
        throw Error(ErrorCode::not_found, path.string() + ": the file of keys has vanished");
      if (now.there) file = read_key_file(path);
    } catch (const Error& error) {
      throw Error(ErrorCode::unavailable, std::string("nobody can be let in: ") + error.what());
    }
    stamp = now;
    sound = true;
  }
  void refresh_sometimes(const fs::path& path) {
    if (!sound || Clock::now() - looked_at >= kLookAgainAfter) refresh(path);
  }
  /// Writes and, once that worked, uses `changed`.
  void replace(const fs::path& path, KeyFile changed) {
    write_key_file(path, changed);
    file = std::move(changed);
    stamp = stamp_of(path);
  }
};

std::string_view to_string(Role role) {
  switch (role) {
    case Role::read:
      return "read";
    case Role::enrol:
      return "enrol";
    case Role::admin:
      return "admin";
  }
  return "unknown";
}

Role role_from_name(std::string_view name) {
  for (const Role role : {Role::read, Role::enrol, Role::admin})
    if (name == to_string(role)) return role;
  throw Error(ErrorCode::invalid_argument,
              "the role " + in_quotes(name) + " is not known; there are read, enrol and admin");
}

ApiKeys::ApiKeys(fs::path path) : path_(std::move(path)), contents_(std::make_unique<Contents>()) {
  if (sodium_init() < 0) throw Error(ErrorCode::unavailable, "libsodium cannot be set up");
  contents_->looked_at = Clock::now();
  contents_->stamp = stamp_of(path_);
  try {
    contents_->file = read_key_file(path_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

ApiKeys::~ApiKeys() = default;

bool ApiKeys::any() {
  const std::lock_guard lock(contents_->mutex);
  try {
    contents_->refresh_sometimes(path_);
  } catch (const Error&) {
    return true;  // find() says why nobody is let in
  }
  return !contents_->file.keys.empty();
}

std::optional<ApiKey> ApiKeys::find(std::string_view secret) {
  const std::lock_guard lock(contents_->mutex);
  contents_->refresh_sometimes(path_);
  const std::string_view id = id_in(secret);
  const StoredKey nobody;
  const StoredKey* stored = &nobody;
  for (const StoredKey& each : contents_->file.keys)
    if (each.key.id == id) stored = &each;
  // An id that is not there costs as much as one that is: one hash, one comparison.
  const KeyHash hash = hash_of(secret, contents_->file.hash_key);
  const bool same = sodium_memcmp(hash.data(), stored->hash.data(), hash.size()) == 0;
  if (!same || stored == &nobody || stored->key.revoked_at) return {};
  return stored->key;
}

std::vector<ApiKey> ApiKeys::list() {
  const std::lock_guard lock(contents_->mutex);
  contents_->refresh(path_);
  std::vector<ApiKey> keys;
  for (const StoredKey& stored : contents_->file.keys) keys.push_back(stored.key);
  return keys;
}

NewKey ApiKeys::create(const std::string& name, Role role, const KeyLimits& limits) {
  check_key_settings(name, limits);
  const std::lock_guard lock(contents_->mutex);
  std::error_code ignored;  // the lock says what is wrong with the folder
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
  const FileLock between_processes(path_.string() + ".lock");
  contents_->refresh(path_);
  KeyFile changed = contents_->file;
  if (changed.keys.size() >= kMaxKeys)
    throw Error(ErrorCode::invalid_argument,
                path_.string() + ": there are " + std::to_string(kMaxKeys) +
                    " keys already, revoked ones with them; begin another file");
  if (changed.keys.empty()) randombytes_buf(changed.hash_key.data(), changed.hash_key.size());
  const std::string id = new_id(changed);
  NewKey fresh{
      .key = {.id = id, .name = name, .role = role, .limits = limits, .created_at = utc_now()},
      .secret = new_secret(id)};
  changed.keys.push_back({fresh.key, hash_of(fresh.secret, changed.hash_key)});
  contents_->replace(path_, std::move(changed));
  return fresh;
}

void ApiKeys::revoke(const std::string& id) {
  const auto find_in = [&id](KeyFile& file) -> ApiKey& {
    for (StoredKey& stored : file.keys)
      if (stored.key.id == id) return stored.key;
    throw Error(ErrorCode::not_found, "there is no key " + in_quotes(id));
  };
  const std::lock_guard lock(contents_->mutex);
  contents_->refresh(path_);
  find_in(contents_->file);  // without it there may be no folder for a lock either
  const FileLock between_processes(path_.string() + ".lock");
  contents_->refresh(path_);
  KeyFile changed = contents_->file;
  ApiKey& key = find_in(changed);
  if (key.revoked_at)
    throw Error(ErrorCode::invalid_argument,
                "the key " + id + " was revoked at " + *key.revoked_at + " already");
  key.revoked_at = utc_now();
  contents_->replace(path_, std::move(changed));
}

fs::path default_keys_file() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string path = variable("LIKENESS_KEYS"); !path.empty()) return path;
  if (const std::string base = variable("XDG_DATA_HOME"); !base.empty())
    return fs::path(base) / "likeness" / "keys.json";
  const std::string home = variable("HOME");
  if (home.empty())
    throw Error(ErrorCode::not_found,
                "neither $LIKENESS_KEYS nor $XDG_DATA_HOME nor $HOME is set: say where the keys "
                "are with --keys");
  return fs::path(home) / ".local/share/likeness/keys.json";
}

}  // namespace likeness::serve
