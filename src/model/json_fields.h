#pragma once

/// The fields of a JSON object out of a file that is not trusted, read one by one.

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace likeness {

/// Every field must be asked for, so that a misspelt one is noticed. Everything that is wrong is an
/// Error(corrupt_file) that begins with `where`. The object must outlive this.
class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, std::string where);

  [[noreturn]] void fail(const std::string& what) const;

  /// Null where there is none.
  const nlohmann::json* optional(const char* key);

  /// Not empty.
  std::string text(const char* key);
  /// Empty where there is none.
  std::string optional_text(const char* key);
  /// A SHA-256 as 64 hexadecimal digits.
  std::string digest(const char* key);
  /// 1 to 4 GiB.
  std::int64_t byte_count(const char* key);
  /// With at least one element.
  const nlohmann::json& list(const char* key);

  /// There must be no field that nobody asked for.
  void finish() const;

  const std::string& where() const { return where_; }
  void call_it(std::string where) { where_ = std::move(where); }

 private:
  const nlohmann::json& object_;
  std::string where_;
  std::set<std::string> known_;
};

}  // namespace likeness
