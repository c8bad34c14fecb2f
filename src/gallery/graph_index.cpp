#include "gallery/graph_index.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

#include <likeness/core/error.h>
#include <likeness/core/worker_pool.h>

#include "gallery/distance.h"
#include "gallery/hnsw_graph.h"

namespace likeness {
namespace {

constexpr std::size_t kFirstCapacity = 1024;
constexpr std::int64_t kRemoved = std::numeric_limits<std::int64_t>::min();  // in place of an id

using Entry = HnswGraph::Entry;

hnswlib::labeltype label_of(std::int64_t id) {
  return static_cast<hnswlib::labeltype>(id);
}

}  // namespace

struct GraphIndex::Space : hnswlib::SpaceInterface<float> {
  explicit Space(std::size_t dimensions) : stride(padded(dimensions)) {}
  std::size_t get_data_size() override { return stride * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance_kernels().squared; }
  void* get_dist_func_param() override { return &stride; }

  std::size_t stride;
};

GraphIndex::GraphIndex(std::size_t dimensions, const IndexOptions& options)
    : dimensions_(dimensions), options_(options), space_(std::make_unique<Space>(dimensions)) {
  graph_ = make_graph(kFirstCapacity);
}

GraphIndex::~GraphIndex() = default;

std::unique_ptr<HnswGraph> GraphIndex::make_graph(std::size_t capacity) const {
  auto graph =
      std::make_unique<HnswGraph>(space_.get(), capacity, static_cast<std::size_t>(options_.links),
                                  static_cast<std::size_t>(options_.build_breadth));
  graph->make_room();
  return graph;
}

std::size_t GraphIndex::size() const {
  return graph_->live();
}

bool GraphIndex::contains(std::int64_t id) const {
  return graph_->label_lookup_.contains(label_of(id));
}

void GraphIndex::reserve(std::size_t entries) {
  if (entries <= graph_->max_elements_) return;
  graph_->resizeIndex(std::max(entries, 2 * graph_->max_elements_));
  graph_->make_room();
}

void GraphIndex::add(std::span<const std::int64_t> ids, std::span<const float> encodings,
                     int threads) {
  if (ids.empty()) return;
  reserve(graph_->cur_element_count + ids.size());
  const auto add_one = [&](std::size_t i) {
    std::vector<float> row(space_->stride);
    std::copy_n(encodings.data() + i * dimensions_, dimensions_, row.begin());
    graph_->addPoint(row.data(), label_of(ids[i]));
  };
  // The first entries have nobody to connect to: on several threads they would stay alone.
  const std::size_t alone =
      threads == 1 ? ids.size() : std::min<std::size_t>(ids.size(), kFirstCapacity);
  for (std::size_t i = 0; i < alone; ++i) add_one(i);
  constexpr std::size_t kPart = 256;
  const std::size_t parts = (ids.size() - alone + kPart - 1) / kPart;
  const auto add_part = [&](std::size_t part) {
    const std::size_t first = alone + part * kPart;
    for (std::size_t i = first; i < std::min(first + kPart, ids.size()); ++i) add_one(i);
  };
  if (parts > 0) run_jobs(parts, threads, add_part, [](std::size_t) {});
  graph_->make_codes();
}

bool GraphIndex::remove(std::int64_t id) {
  const auto found = graph_->label_lookup_.find(label_of(id));
  if (found == graph_->label_lookup_.end()) return false;
  const Entry entry = found->second;
  graph_->markDelete(found->first);
  graph_->label_lookup_.erase(found);
  graph_->setExternalLabel(entry, label_of(kRemoved));
  graph_->erase_row(entry);
  if (4 * graph_->num_deleted_ >= graph_->cur_element_count) rebuild();
  return true;
}

void GraphIndex::rebuild() {
  auto old = std::move(graph_);
  graph_ = make_graph(std::max(kFirstCapacity, old->live()));
  for (Entry entry = 0; entry < old->cur_element_count; ++entry)
    if (!old->isMarkedDeleted(entry)) graph_->addPoint(old->row(entry), label_of(old->id(entry)));
  graph_->make_codes();
}

std::vector<IndexHit> GraphIndex::scan(const float* probe) const {
  std::vector<IndexHit> hits;
  for (Entry entry = 0; entry < graph_->cur_element_count; ++entry)
    if (!graph_->isMarkedDeleted(entry))
      hits.push_back({graph_->id(entry), graph_->distance(probe, entry)});
  return hits;
}

std::vector<IndexHit> GraphIndex::nearest(std::span<const float> probe, std::size_t count,
                                          int breadth) const {
  const std::size_t wanted = std::min(count, size());
  if (wanted == 0) return {};
  std::vector<float> row(space_->stride);
  std::copy(probe.begin(), probe.end(), row.begin());
  const std::size_t looked_at =
      std::max(wanted, static_cast<std::size_t>(breadth > 0 ? breadth : options_.search_breadth));
  std::vector<IndexHit> hits;
  if (4 * looked_at < size())
    for (const auto& [distance, entry] : graph_->search(row.data(), wanted, looked_at))
      hits.push_back({graph_->id(entry), distance});
  // Few entries, or a graph that fell apart: all are looked at.
  if (hits.size() < wanted) hits = scan(row.data());
  keep_closest(hits, wanted);
  return hits;
}

void GraphIndex::write(SealedWriter& file) const {
  file.write(static_cast<std::uint64_t>(graph_->cur_element_count));
  file.write(static_cast<std::uint32_t>(graph_->enterpoint_node_));
  file.write(static_cast<std::int32_t>(graph_->maxlevel_));
  for (Entry entry = 0; entry < graph_->cur_element_count; ++entry) {
    file.write(static_cast<std::int32_t>(graph_->element_levels_[entry]));
    file.write(graph_->get_linklist0(entry), graph_->size_data_per_element_);
    if (graph_->element_levels_[entry] > 0)
      file.write(graph_->linkLists_[entry], graph_->upper_links(entry));
  }
}

bool GraphIndex::read(SealedReader& file) {
  std::uint64_t count = 0;
  std::uint32_t start = 0;
  std::int32_t highest = 0;
  if (!file.read(count) || !file.read(start) || !file.read(highest)) return false;
  if (count > file.file_size() / graph_->size_data_per_element_) return false;
  if (count == 0) return true;
  reserve(count);
  // hnswlib goes on drawing levels where this leaves off: not with the draws of the first entries.
  graph_->level_generator_.seed(static_cast<std::uint32_t>(count));
  for (Entry entry = 0; entry < count; ++entry)
    if (!read_entry(file, entry)) return false;
  if (start >= count || highest != graph_->element_levels_[start]) return false;
  graph_->enterpoint_node_ = start;
  graph_->maxlevel_ = highest;
  if (!links_are_sound()) return false;
  graph_->make_codes();
  return true;
}

bool GraphIndex::read_entry(SealedReader& file, std::uint32_t entry) {
  std::int32_t level = 0;
  if (!file.read(level) || level < 0 || level > kHighestLevel) return false;
  if (!file.read(graph_->get_linklist0(entry), graph_->size_data_per_element_)) return false;
  if (level > 0) {
    const std::size_t size = graph_->size_links_per_element_ * static_cast<std::size_t>(level);
    auto* links = static_cast<char*>(std::malloc(size + 1));
    if (links == nullptr) throw std::bad_alloc();
    graph_->linkLists_[entry] = links;
  }
  // From here on the graph's destructor frees the links.
  graph_->element_levels_[entry] = level;
  graph_->cur_element_count = entry + 1;
  if (level > 0 && !file.read(graph_->linkLists_[entry], graph_->upper_links(entry))) return false;
  if (graph_->isMarkedDeleted(entry)) {
    ++graph_->num_deleted_;
    return true;
  }
  return graph_->label_lookup_.emplace(graph_->getExternalLabel(entry), entry).second;
}

/// A file without a key may have been written by anybody; searches follow links unchecked.
bool GraphIndex::links_are_sound() const {
  for (Entry entry = 0; entry < graph_->cur_element_count; ++entry)
    for (int level = 0; level <= graph_->element_levels_[entry]; ++level) {
      if (level > graph_->maxlevel_) return false;
      const auto links = graph_->links(entry, level);
      if (links.size() > (level == 0 ? graph_->maxM0_ : graph_->maxM_)) return false;
      for (const Entry other : links)
        if (other >= graph_->cur_element_count || graph_->element_levels_[other] < level)
          return false;
    }
  return true;
}

}  // namespace likeness
