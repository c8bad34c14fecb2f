#pragma once

/// The file of API keys as text and back. Pure functions, safe to call from many threads.
///
///     {"schema": 1, "hash_key": "…", "keys": [{"id": "…", "name": "…", "role": "read", …}]}

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/serve/api_keys.h>

namespace likeness::serve {

/// Of a secret, keyed with the file's own random key.
using KeyHash = std::array<std::uint8_t, 32>;

struct StoredKey {
  ApiKey key;
  KeyHash hash = {};
};

struct KeyFile {
  KeyHash hash_key = {};  ///< as many random bytes as a hash has
  std::vector<StoredKey> keys;
};

/// Throws Error(corrupt_file) naming the entry and field that is wrong, or the schema that this
/// version does not know. `name` stands for the file in errors.
KeyFile parse_key_file(std::string_view text, const std::string& name);
std::string key_file_text(const KeyFile& file);

/// Throws Error(invalid_argument): a name that is empty, longer than 100 bytes, not UTF-8 or has
/// control characters; limits below 1.
void check_key_settings(const std::string& name, const KeyLimits& limits);

}  // namespace likeness::serve
