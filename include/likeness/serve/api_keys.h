#pragma once

/// The keys that open the service. A key is a random secret of 256 bits that is shown once; what is
/// kept is a keyed hash of it (BLAKE2b), so that the file of keys opens nothing. Comparisons take
/// the same time for right and wrong secrets. Safe to use from many threads, and from many
/// processes at once: a key that `likeness keys revoke` takes back stops working in a running
/// service within a second.
///
///     ApiKeys keys(default_keys_file());
///     const NewKey fresh = keys.create("front door", Role::read, {});
///     std::cout << fresh.secret;                              // for the last time
///     if (const auto key = keys.find(secret)) …

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace likeness::serve {

/// What a key may do; each may do what those before it may.
enum class Role {
  read,   ///< detect, verify, identify, look at people, paint
  enrol,  ///< add, rename and remove people
  admin,  ///< keys, everybody's jobs
};
std::string_view to_string(Role role);
/// Throws Error(invalid_argument) with the names that there are.
Role role_from_name(std::string_view name);

/// What a key may use; nothing: as much as the service allows anybody.
struct KeyLimits {
  std::optional<int> rate_per_minute = {};       ///< requests, at least 1
  std::optional<std::int64_t> daily_quota = {};  ///< requests a day (UTC), at least 1
};

struct ApiKey {
  std::string id;    ///< eight hexadecimal digits, not secret; what logs and lists show
  std::string name;  ///< for people
  Role role = Role::read;
  KeyLimits limits = {};
  std::string created_at;  ///< UTC, as 2026-01-31T23:59:59Z
  std::optional<std::string> revoked_at = {};
};

struct NewKey {
  ApiKey key;
  std::string secret;  ///< lk_ID_…; cannot be found out again
};

class ApiKeys {
 public:
  /// Keys in the file at `path`, which is made (readable by its owner alone) with the first key.
  /// Throws Error: corrupt_file, unreadable.
  explicit ApiKeys(std::filesystem::path path);
  ~ApiKeys();
  ApiKeys(const ApiKeys&) = delete;
  ApiKeys& operator=(const ApiKeys&) = delete;

  /// Whether a key was ever made here: from then on the service asks for one, even when all of them
  /// have been revoked.
  bool any();
  /// The key of this secret unless it was revoked. A file that has become unreadable or corrupt
  /// since lets nobody in: throws Error(unavailable).
  std::optional<ApiKey> find(std::string_view secret);
  /// In the order in which they were made, revoked ones too.
  std::vector<ApiKey> list();

  /// Throws Error: invalid_argument (name empty, longer than 100 bytes or with control characters;
  /// limits below 1), write_failed.
  NewKey create(const std::string& name, Role role, const KeyLimits& limits);
  /// Throws Error: not_found, invalid_argument (revoked before), write_failed.
  void revoke(const std::string& id);

 private:
  struct Contents;
  std::filesystem::path path_;
  std::unique_ptr<Contents> contents_;
};

/// $LIKENESS_KEYS, $XDG_DATA_HOME/likeness/keys.json or ~/.local/share/likeness/keys.json.
std::filesystem::path default_keys_file();

}  // namespace likeness::serve
