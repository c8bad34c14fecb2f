#include "model/json_fields.h"

#include <string_view>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

namespace likeness {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxListedBytes = std::int64_t{4} << 30;

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

JsonFields::JsonFields(const json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail("is not an object");
}

void JsonFields::fail(const std::string& what) const {
  throw Error(ErrorCode::corrupt_file, where_ + " " + what);
}

const json* JsonFields::optional(const char* key) {
  known_.insert(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::string JsonFields::text(const char* key) {
  const json* value = optional(key);
  if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().empty())
    fail("needs the text " + in_quotes(key));
  return value->get<std::string>();
}

std::string JsonFields::optional_text(const char* key) {
  return optional(key) == nullptr ? std::string() : text(key);
}

std::string JsonFields::digest(const char* key) {
  std::string value = text(key);
  if (!is_sha256(value)) fail("needs 64 hexadecimal digits as " + in_quotes(key));
  return value;
}

std::int64_t JsonFields::byte_count(const char* key) {
  const json* value = optional(key);
  if (value == nullptr || !value->is_number_unsigned() || *value < 1 || *value > kMaxListedBytes)
    fail("needs a size in bytes as " + in_quotes(key));
  return value->get<std::int64_t>();
}

const json& JsonFields::list(const char* key) {
  const json* value = optional(key);
  if (value == nullptr || !value->is_array() || value->empty())
    fail("needs the list " + in_quotes(key));
  return *value;
}

void JsonFields::finish() const {
  for (const auto& [key, value] : object_.items())
    if (!known_.contains(key)) fail("has an unknown field " + in_quotes(key));
}

}  // namespace likeness
