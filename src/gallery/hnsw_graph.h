#pragma once

/// hnswlib's graph with a search of our own. What limits it is how fast rows come from memory: it
/// goes by rows of bytes, which it fetches before it looks at them, and computes the exact
/// distances of what it found. For graph_index.cpp alone (see hnsw.h).

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "gallery/distance.h"
#include "gallery/hnsw.h"
#include "gallery/large_buffer.h"
#include "gallery/row_codes.h"
#include "gallery/visits.h"

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

  /// After hnswlib made room for entries.
  void make_room() {
    use_large_pages(data_level0_memory_, max_elements_ * size_data_per_element_);
    codes_.reserve(max_elements_);
    visits_.resize(max_elements_);
  }
  /// After entries were added.
  void make_codes() {
    codes_.extend(cur_element_count, [this](std::size_t i) {
      const auto entry = static_cast<Entry>(i);
      return isMarkedDeleted(entry) ? nullptr : row(entry);
    });
  }
  /// The entry's numbers are overwritten with some that no search passes through.
  void erase_row(Entry entry) {
    constexpr float kFarAway = 1e9F;
    std::fill_n(row(entry), data_size_ / sizeof(float), kFarAway);
    codes_.remove(entry);
  }

  /// The `count` closest entries, or nearly, among up to `breadth` (at least count), with their
  /// exact distances, in no order (algorithm 2). Removed ones are passed through and left out.
  /// Where the closest stand out, the search ends as soon as what is left to visit is far beyond
  /// them (the rule of distance adaptive beam search, Al-Jazzazi et al. 2025).
  std::vector<Found> search(const float* probe, std::size_t count, std::size_t breadth) const {
    const std::vector<std::int8_t> code = codes_.code(probe);
    const VisitsPool::Loan visits(visits_);
    std::priority_queue<Met> closest;
    std::priority_queue<std::uint32_t> wanted;  // the distances of the `count` closest
    std::priority_queue<Met, std::vector<Met>, std::greater<>> open;
    const auto meet = [&](Entry entry) {
      const std::uint32_t to_entry = distance(code, entry);
      if (closest.size() == breadth && to_entry >= closest.top().first) return;
      open.emplace(to_entry, entry);
      if (codes_.is_removed(entry)) return;
      closest.emplace(to_entry, entry);
      if (closest.size() > breadth) closest.pop();
      wanted.push(to_entry);
      if (wanted.size() > count) wanted.pop();
    };
    const Entry start = descend(code);
    visits->first(start);
    meet(start);
    std::vector<Entry> fresh;
    while (!open.empty()) {
      const auto [nearest, entry] = open.top();
      if (closest.size() == breadth && nearest > closest.top().first) break;
      if (wanted.size() == count && stands_out(wanted.top(), nearest)) break;
      open.pop();
      fresh.clear();
      for (const Entry other : links(entry, 0))
        if (visits->first(other)) fresh.push_back(other);
      for (std::size_t i = 0; i < std::min(kAhead, fresh.size()); ++i) fetch(fresh[i]);
      if (!open.empty()) fetch(get_linklist0(open.top().second), size_links_level0_);
      for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (i + kAhead < fresh.size()) fetch(fresh[i + kAhead]);
        meet(fresh[i]);
      }
    }
    return with_distances(probe, closest);
  }

 private:
  /// What stands out is closer than all others by a factor of 1.6, in squared distances. Two
  /// pictures of a person mostly do, the neighbours of a stranger hardly ever. Measured on faces
  /// (gallery_search_bench --real): 2 finds as many and takes half as long again, 1.4 loses 2 %.
  static bool stands_out(std::uint64_t distance, std::uint64_t of_others) {
    return 5 * of_others > 8 * distance;
  }
  /// Rows of codes that are on their way while one is looked at: about what a core fetches at once.
  static constexpr std::size_t kAhead = 6;
  /// With the distance of the codes.
  using Met = std::pair<std::uint32_t, Entry>;

  static void fetch(const void* data, std::size_t bytes) {
    constexpr std::size_t kLine = 64;
    for (std::size_t i = 0; i < bytes; i += kLine)
      __builtin_prefetch(static_cast<const char*>(data) + i);
  }

  void fetch(Entry entry) const { fetch(codes_.row(entry), codes_.stride()); }

  std::uint32_t distance(const std::vector<std::int8_t>& code, Entry entry) const {
    return kernels_.squared_int8(code.data(), codes_.row(entry), code.size());
  }

  /// The entry of the lowest layer from which to search (algorithm 5, its loop over the layers).
  Entry descend(const std::vector<std::int8_t>& code) const {
    Met closest{distance(code, enterpoint_node_), enterpoint_node_};
    for (int level = maxlevel_; level > 0; --level)
      for (bool moved = true; moved;) {
        moved = false;
        const auto others = links(closest.second, level);
        for (const Entry entry : others) fetch(codes_.row(entry), code.size());
        for (const Entry entry : others) {
          const std::uint32_t other = distance(code, entry);
          if (other >= closest.first) continue;
          closest = {other, entry};
          moved = true;
        }
      }
    return closest.second;
  }

  std::vector<Found> with_distances(const float* probe, std::priority_queue<Met>& met) const {
    std::vector<Found> found;
    for (; !met.empty(); met.pop()) {
      found.emplace_back(0.0F, met.top().second);
      fetch(row(met.top().second), data_size_);
    }
    for (auto& [distance, entry] : found) distance = this->distance(probe, entry);
    return found;
  }

  mutable VisitsPool visits_;
  RowCodes codes_{data_size_ / sizeof(float)};
  const DistanceKernels& kernels_ = distance_kernels();
};

}  // namespace likeness
