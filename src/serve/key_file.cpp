#include "serve/key_file.h"

#include <algorithm>
#include <limits>
#include <set>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <sodium.h>

#include "serve/json.h"

namespace likeness::serve {
namespace {

constexpr int kSchema = 1;
constexpr int kDeepestJson = 4;
constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kMaxNameBytes = 100;

std::string hex_text(const KeyHash& bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

/// One object of the file; every function throws Error(corrupt_file) that names it and the field.
class Fields {
 public:
  Fields(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
    if (!json_.is_object()) refuse("is not a JSON object");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, place_ + ": " + what);
  }
  const Json& value(const char* name) const {
    if (!json_.contains(name)) refuse("has no " + in_quotes(name));
    return json_.at(name);
  }
  std::string text(const char* name) const {
    if (!value(name).is_string()) refuse(in_quotes(name) + " is not text");
    auto text = value(name).get<std::string>();
    // What in_quotes has to change must not reach a terminal or a log.
    if (in_quotes(text) != "'" + text + "'")
      refuse(in_quotes(name) + " is too long or has control characters: " + in_quotes(text));
    return text;
  }
  std::optional<std::string> optional_text(const char* name) const {
    if (value(name).is_null()) return {};
    return text(name);
  }
  KeyHash hash(const char* name) const {
    const std::string digits = text(name);
    KeyHash bytes = {};
    std::size_t size = 0;
    const bool read = digits.size() == 2 * bytes.size() &&
                      sodium_hex2bin(bytes.data(), bytes.size(), digits.data(), digits.size(),
                                     nullptr, &size, nullptr) == 0;
    if (!read || size != bytes.size())
      refuse(in_quotes(name) + " is not " + std::to_string(2 * bytes.size()) +
             " hexadecimal digits");
    return bytes;
  }
  template <class Number>
  std::optional<Number> limit(const char* name) const {
    const Json& given = value(name);
    if (given.is_null()) return {};
    if (!given.is_number_integer() || given < 1 || given > std::numeric_limits<Number>::max())
      refuse(in_quotes(name) + " is not a whole number above 0");
    return given.get<Number>();
  }

 private:
  const Json& json_;
  std::string place_;
};

bool is_id(const std::string& text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

StoredKey parse_key(const Json& json, const std::string& place) {
  const Fields fields(json, place);
  StoredKey stored;
  stored.key.id = fields.text("id");
  if (!is_id(stored.key.id)) fields.refuse("'id' is not eight hexadecimal digits");
  stored.key.name = fields.text("name");
  stored.key.limits = {.rate_per_minute = fields.limit<int>("rate_per_minute"),
                       .daily_quota = fields.limit<std::int64_t>("daily_quota")};
  try {
    check_key_settings(stored.key.name, stored.key.limits);
    stored.key.role = role_from_name(fields.text("role"));
  } catch (const Error& error) {
    fields.refuse(error.what());
  }
  stored.key.created_at = fields.text("created_at");
  stored.key.revoked_at = fields.optional_text("revoked_at");
  stored.hash = fields.hash("hash");
  return stored;
}

Json parse_text(std::string_view text, const std::string& name) {
  const auto shallow = [&name](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepestJson)
      throw Error(ErrorCode::corrupt_file, name + ": the JSON is nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, shallow);
  } catch (const Json::exception&) {
    throw Error(ErrorCode::corrupt_file, name + ": is not JSON; restore it from a copy");
  }
}

Json json_of(const StoredKey& stored) {
  const ApiKey& key = stored.key;
  return {{"id", key.id},
          {"name", key.name},
          {"role", to_string(key.role)},
          {"hash", hex_text(stored.hash)},
          {"created_at", key.created_at},
          {"revoked_at", or_null(key.revoked_at)},
          {"rate_per_minute", or_null(key.limits.rate_per_minute)},
          {"daily_quota", or_null(key.limits.daily_quota)}};
}

}  // namespace

KeyFile parse_key_file(std::string_view text, const std::string& name) {
  const Json json = parse_text(text, name);
  const Fields fields(json, name);
  const Json& schema = fields.value("schema");
  if (schema != kSchema)
    fields.refuse("schema " + in_quotes(schema.dump(-1, ' ', true)) +
                  " is not known to this version of Likeness, which reads schema " +
                  std::to_string(kSchema));
  KeyFile file{.hash_key = fields.hash("hash_key"), .keys = {}};
  const Json& keys = fields.value("keys");
  if (!keys.is_array()) fields.refuse("'keys' is not a list");
  std::set<std::string> ids;
  for (const Json& each : keys) {
    const std::string place = name + ": key " + std::to_string(ids.size() + 1);
    file.keys.push_back(parse_key(each, place));
    const std::string& id = file.keys.back().key.id;
    if (!ids.insert(id).second)
      throw Error(ErrorCode::corrupt_file, place + ": the id " + id + " is there twice");
  }
  return file;
}

std::string key_file_text(const KeyFile& file) {
  Json keys = Json::array();
  for (const StoredKey& stored : file.keys) keys.push_back(json_of(stored));
  const Json json = {
      {"schema", kSchema}, {"hash_key", hex_text(file.hash_key)}, {"keys", std::move(keys)}};
  return json.dump(2) + "\n";
}

void check_key_settings(const std::string& name, const KeyLimits& limits) {
  if (name.empty() || name.size() > kMaxNameBytes)
    throw Error(ErrorCode::invalid_argument, "the name of a key, " + in_quotes(name) +
                                                 ", must have 1 to " +
                                                 std::to_string(kMaxNameBytes) + " bytes, it has " +
                                                 std::to_string(name.size()));
  // What in_quotes has to change is a control character or not UTF-8.
  if (in_quotes(name) != "'" + name + "'")
    throw Error(ErrorCode::invalid_argument,
                "the name of a key, " + in_quotes(name) +
                    ", has control characters or bytes that are not UTF-8");
  if (limits.rate_per_minute.value_or(1) < 1 || limits.daily_quota.value_or(1) < 1)
    throw Error(ErrorCode::invalid_argument,
                "a limit of " +
                    std::to_string(std::min<std::int64_t>(limits.rate_per_minute.value_or(1),
                                                          limits.daily_quota.value_or(1))) +
                    " requests: a key needs at least 1; leave the limit out for none");
}

}  // namespace likeness::serve
