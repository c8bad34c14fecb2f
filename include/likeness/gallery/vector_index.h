#pragma once

/// The closest of many encodings: an exact scan of all, or a graph (HNSW, Malkov & Yashunin 2018)
/// above the size where it is faster. The encodings are of about one length, as those of a network
/// are: the graph goes by numbers rounded to one scale, up to the exact distances of what it found.
/// Const functions may be called from many threads at once; a change needs the index for itself.
///
///     VectorIndex index(320);
///     index.add(7, encoding);
///     for (const IndexHit& hit : index.nearest(probe, 5)) …

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace likeness {

enum class IndexKind { exact, graph };

struct IndexOptions {
  IndexKind kind = IndexKind::exact;
  int links = 24;            ///< graph: links of an entry (M)
  int build_breadth = 200;   ///< graph: candidates looked at when an entry is added
  int search_breadth = 400;  ///< graph: candidates kept by a search at most (at least its count)
};

struct IndexHit {
  std::int64_t id = 0;
  float distance = 0;  ///< squared, computed in float32 whatever the search used
};

class VectorIndex {
 public:
  explicit VectorIndex(int dimensions, const IndexOptions& options = {});
  ~VectorIndex();
  VectorIndex(VectorIndex&&) noexcept;
  VectorIndex& operator=(VectorIndex&&) noexcept;

  int dimensions() const;
  IndexKind kind() const;
  std::size_t size() const;

  /// Requires an id that is not there and `dimensions` numbers; amortised constant for a scan.
  void add(std::int64_t id, std::span<const float> encoding);
  /// Several at once, on `threads` threads where that helps. encodings: [ids, dimensions].
  void add(std::span<const std::int64_t> ids, std::span<const float> encodings, int threads);
  /// Overwrites the entry's numbers. Returns false when there is none.
  bool remove(std::int64_t id);

  /// The `count` closest (all, where there are fewer), closest first, equal ones by id. A search of
  /// a graph may miss some; it ends early where the closest stand out, so it is fastest for who
  /// asks for no more than are needed. breadth: in place of the option's; 0: the option's.
  std::vector<IndexHit> nearest(std::span<const float> probe, std::size_t count,
                                int breadth = 0) const;

  /// Writes the index to `path`, encrypted with `key` (32 bytes; empty: in the clear), so that it
  /// appears complete or not at all. No plain text touches the disk when a key is given. `digest`
  /// says what it was made of. Throws Error(write_failed).
  void save(const std::filesystem::path& path, std::span<const std::uint8_t> key,
            const std::string& digest) const;
  /// The index at `path`; nothing when there is none, or its digest, key, dimensions or version
  /// differ, or it is damaged: it is made anew then.
  static std::optional<VectorIndex> load(const std::filesystem::path& path,
                                         std::span<const std::uint8_t> key,
                                         const std::string& digest, int dimensions);

 private:
  struct Entries;
  std::unique_ptr<Entries> entries_;
};

/// From how many entries on the graph is faster than the scan (docs/measurements.md).
inline constexpr std::size_t kGraphFrom = 30'000;

}  // namespace likeness
