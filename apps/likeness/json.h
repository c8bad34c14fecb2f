#pragma once

/// JSON as the commands print it.

#include <nlohmann/json.hpp>

namespace likeness::cli {

/// Members stay in the order in which they were written.
using Json = nlohmann::ordered_json;

}  // namespace likeness::cli
