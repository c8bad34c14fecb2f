#pragma once

/// JSON as the service reads and writes it.

#include <optional>

#include <nlohmann/json.hpp>

namespace likeness::serve {

/// Members stay in the order in which they were written.
using Json = nlohmann::ordered_json;

/// null where there is none.
template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace likeness::serve
