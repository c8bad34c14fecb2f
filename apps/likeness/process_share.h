#pragma once

/// Work that needs no talking: each process of a launcher takes its share of a list.

#include <cstddef>
#include <optional>
#include <vector>

#include <likeness/train/process_place.h>

#include "inputs.h"

namespace likeness::cli {

/// Every `size`-th of `all`, from `rank` on; all of them for a process that was started alone.
template <class Item>
std::vector<Item> share_of(const std::vector<Item>& all, const std::optional<ProcessPlace>& place) {
  if (!place) return all;
  std::vector<Item> share;
  for (auto i = static_cast<std::size_t>(place->rank); i < all.size();
       i += static_cast<std::size_t>(place->size))
    share.push_back(all[i]);
  return share;
}

/// The first process's share has what failed beforehand.
inline Inputs share_of(const Inputs& all, const std::optional<ProcessPlace>& place) {
  if (!place) return all;
  return {.photos = share_of(all.photos, place),
          .failures = place->rank == 0 ? all.failures : std::vector<Failure>(),
          .partial = true};
}

}  // namespace likeness::cli
