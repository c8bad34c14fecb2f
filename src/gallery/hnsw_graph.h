#pragma once

/// hnswlib's graph with a search of our own: it fetches the rows that it will look at soon, as what
/// limits it is how fast a row comes from memory. For graph_index.cpp alone (see hnsw.h).

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include "gallery/hnsw.h"

namespace likeness {

class HnswGraph : public hnswlib::HierarchicalNSW<float> {
 public:
  using Entry = hnswlib::tableint;
  using Found = std::pair<float, Entry>;  ///< distance first
  using HierarchicalNSW::HierarchicalNSW;

  float* row(Entry entry) const { return reinterpret_cast<float*>(getDataByInternalId(entry)); }
  std::int64_t id(Entry entry) const { return static_cast<std::int64_t>(getExternalLabel(entry)); }
  float distance(const float* probe, Entry entry) const {
    return fstdistfunc_(probe, getDataByInternalId(entry), dist_func_param_);
  }
  std::size_t live() const { return cur_element_count - num_deleted_; }
  std::size_t upper_links(Entry entry) const {
    return size_links_per_element_ * static_cast<std::size_t>(element_levels_[entry]);
  }
  std::span<const Entry> links(Entry entry, int level) const {
    auto* list = get_linklist_at_level(entry, level);
    return {list + 1, getListCount(list)};
  }

  /// A search jumps about in this memory: with large pages it misses fewer translations.
  void use_large_pages() const {
    constexpr std::uintptr_t kPage = 4096;
    const auto start = reinterpret_cast<std::uintptr_t>(data_level0_memory_);
    const auto first = (start + kPage - 1) & ~(kPage - 1);
    const auto end = start + max_elements_ * size_data_per_element_;
    if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
  }

  /// The entry of the lowest layer from which to search (algorithm 5, its loop over the layers).
  Entry descend(const float* probe) const {
    Found closest{distance(probe, enterpoint_node_), enterpoint_node_};
    for (int level = maxlevel_; level > 0; --level)
      for (bool moved = true; moved;) {
        moved = false;
        for (const Entry entry : links(closest.second, level)) {
          const float other = distance(probe, entry);
          if (other >= closest.first) continue;
          closest = {other, entry};
          moved = true;
        }
      }
    return closest.second;
  }

  /// About the `breadth` closest entries, in no order (algorithm 2). Removed ones are passed
  /// through and left out.
  std::vector<Found> search(const float* probe, std::size_t breadth) const {
    Visits visits(*visited_list_pool_);
    std::priority_queue<Found> closest;
    std::priority_queue<Found, std::vector<Found>, std::greater<>> open;
    const auto meet = [&](Entry entry) {
      const float to_entry = distance(probe, entry);
      if (closest.size() == breadth && to_entry >= closest.top().first) return;
      open.emplace(to_entry, entry);
      if (isMarkedDeleted(entry)) return;
      closest.emplace(to_entry, entry);
      if (closest.size() > breadth) closest.pop();
    };
    const Entry start = descend(probe);
    visits.first(start);
    meet(start);
    std::vector<Entry> fresh;
    while (!open.empty()) {
      const auto [nearest, entry] = open.top();
      if (closest.size() == breadth && nearest > closest.top().first) break;
      open.pop();
      fresh.clear();
      for (const Entry other : links(entry, 0))
        if (visits.first(other)) fresh.push_back(other);
      for (std::size_t i = 0; i < std::min(kAhead, fresh.size()); ++i) fetch(fresh[i]);
      for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (i + kAhead < fresh.size()) fetch(fresh[i + kAhead]);
        meet(fresh[i]);
      }
    }
    std::vector<Found> found;
    for (; !closest.empty(); closest.pop()) found.push_back(closest.top());
    return found;
  }

 private:
  static constexpr std::size_t kAhead = 4;

  /// Which entries a search has met, in memory that searches share one after the other.
  class Visits {
   public:
    explicit Visits(hnswlib::VisitedListPool& pool)
        : pool_(pool), list_(pool.getFreeVisitedList()) {}
    ~Visits() { pool_.releaseVisitedList(list_); }
    Visits(const Visits&) = delete;
    Visits& operator=(const Visits&) = delete;
    bool first(Entry entry) {
      return std::exchange(list_->mass[entry], list_->curV) != list_->curV;
    }

   private:
    hnswlib::VisitedListPool& pool_;
    hnswlib::VisitedList* list_;
  };

  void fetch(Entry entry) const {
    constexpr std::size_t kLine = 64;
    const char* data = getDataByInternalId(entry);
    for (std::size_t i = 0; i < data_size_ + kLine; i += kLine) __builtin_prefetch(data + i);
  }
};

}  // namespace likeness
