#include <unordered_set>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/gallery/vector_index.h>

#include "gallery/entry_store.h"
#include "gallery/exact_index.h"
#include "gallery/graph_index.h"
#include "gallery/sealed_file.h"

namespace likeness {
namespace {

/// More than that is no sensible option of a graph, in a file or from a caller.
constexpr int kMostLinks = 1024;
constexpr int kMostBreadth = 1 << 20;
constexpr int kMostDimensions = 1 << 16;

bool are_sensible(const IndexOptions& options) {
  const bool known = options.kind == IndexKind::exact || options.kind == IndexKind::graph;
  return known && options.links >= 2 && options.links <= kMostLinks && options.build_breadth >= 1 &&
         options.build_breadth <= kMostBreadth && options.search_breadth >= 1 &&
         options.search_breadth <= kMostBreadth;
}

std::unique_ptr<EntryStore> make_store(std::size_t dimensions, const IndexOptions& options) {
  if (options.kind == IndexKind::graph) return std::make_unique<GraphIndex>(dimensions, options);
  return std::make_unique<ExactIndex>(dimensions);
}

std::string about(int dimensions, const std::string& digest) {
  return std::to_string(dimensions) + " numbers of " + digest;
}

}  // namespace

struct VectorIndex::Entries {
  int dimensions;
  IndexOptions options;
  std::unique_ptr<EntryStore> store;
};

VectorIndex::VectorIndex(int dimensions, const IndexOptions& options) {
  LIKENESS_CHECK(dimensions > 0 && dimensions <= kMostDimensions);
  LIKENESS_CHECK(are_sensible(options));
  entries_ = std::make_unique<Entries>(
      Entries{dimensions, options, make_store(static_cast<std::size_t>(dimensions), options)});
}

VectorIndex::~VectorIndex() = default;
VectorIndex::VectorIndex(VectorIndex&&) noexcept = default;
VectorIndex& VectorIndex::operator=(VectorIndex&&) noexcept = default;

int VectorIndex::dimensions() const {
  return entries_->dimensions;
}

IndexKind VectorIndex::kind() const {
  return entries_->options.kind;
}

std::size_t VectorIndex::size() const {
  return entries_->store->size();
}

void VectorIndex::add(std::int64_t id, std::span<const float> encoding) {
  add({&id, 1}, encoding, 1);
}

void VectorIndex::add(std::span<const std::int64_t> ids, std::span<const float> encodings,
                      int threads) {
  LIKENESS_CHECK(threads >= 1);
  LIKENESS_CHECK(encodings.size() == ids.size() * static_cast<std::size_t>(dimensions()));
  std::unordered_set<std::int64_t> seen;
  for (const std::int64_t id : ids)
    LIKENESS_CHECK(!entries_->store->contains(id) && seen.insert(id).second);
  entries_->store->add(ids, encodings, threads);
}

bool VectorIndex::remove(std::int64_t id) {
  return entries_->store->remove(id);
}

std::vector<IndexHit> VectorIndex::nearest(std::span<const float> probe, std::size_t count,
                                           int breadth) const {
  LIKENESS_CHECK(probe.size() == static_cast<std::size_t>(dimensions()));
  LIKENESS_CHECK(breadth >= 0 && breadth <= kMostBreadth);
  return entries_->store->nearest(probe, count, breadth);
}

void VectorIndex::save(const std::filesystem::path& path, std::span<const std::uint8_t> key,
                       const std::string& digest) const {
  SealedWriter file(path, key, about(dimensions(), digest));
  file.write(static_cast<std::int32_t>(kind()));
  file.write(static_cast<std::int32_t>(entries_->options.links));
  file.write(static_cast<std::int32_t>(entries_->options.build_breadth));
  file.write(static_cast<std::int32_t>(entries_->options.search_breadth));
  entries_->store->write(file);
  file.commit();
}

std::optional<VectorIndex> VectorIndex::load(const std::filesystem::path& path,
                                             std::span<const std::uint8_t> key,
                                             const std::string& digest, int dimensions) {
  SealedReader file(path, key, about(dimensions, digest));
  std::int32_t kind = 0;
  std::int32_t links = 0;
  std::int32_t build_breadth = 0;
  std::int32_t search_breadth = 0;
  if (!file.read(kind) || !file.read(links) || !file.read(build_breadth) ||
      !file.read(search_breadth))
    return std::nullopt;
  const IndexOptions options{static_cast<IndexKind>(kind), links, build_breadth, search_breadth};
  if (!are_sensible(options)) return std::nullopt;
  VectorIndex index(dimensions, options);
  if (!index.entries_->store->read(file) || !file.at_end()) return std::nullopt;
  return index;
}

}  // namespace likeness
