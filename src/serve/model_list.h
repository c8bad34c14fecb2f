#pragma once

/// The networks as clients see them: those of the manifest and of this machine, and those for
/// painting that are built in. Safe to call from many threads.

#include <string>
#include <vector>

#include <likeness/model/store.h>

#include "serve/request_fields.h"

namespace likeness::serve {

/// [{"id", "task", "licence", "source", "bytes", "input", "quality", "in_use", "available"}, …]
/// `in_use`: ids of what the service has loaded.
Json model_list(const ModelStore& store, const std::vector<std::string>& in_use);

}  // namespace likeness::serve
