#pragma once

/// A graph of neighbours in several layers (HNSW, Malkov & Yashunin 2018) by hnswlib. What is
/// removed is overwritten and moved out of the way of searches; when a quarter of the graph is such
/// entries it is made anew.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gallery/entry_store.h"

namespace likeness {

class HnswGraph;

class GraphIndex : public EntryStore {
 public:
  GraphIndex(std::size_t dimensions, const IndexOptions& options);
  ~GraphIndex() override;

  std::size_t size() const override;
  bool contains(std::int64_t id) const override;
  /// The same graph every time with one thread. On several, another one each time.
  void add(std::span<const std::int64_t> ids, std::span<const float> encodings,
           int threads) override;
  /// Takes as long as building when it is what makes a quarter.
  bool remove(std::int64_t id) override;
  std::vector<IndexHit> nearest(std::span<const float> probe, std::size_t count,
                                int breadth) const override;
  void write(SealedWriter& file) const override;
  bool read(SealedReader& file) override;

 private:
  struct Space;

  std::unique_ptr<HnswGraph> make_graph(std::size_t capacity) const;
  void reserve(std::size_t entries);
  void rebuild();
  std::vector<IndexHit> scan(const float* probe) const;
  bool read_entry(SealedReader& file, std::uint32_t entry);
  bool links_are_sound() const;

  std::size_t dimensions_;
  IndexOptions options_;
  std::unique_ptr<Space> space_;
  std::unique_ptr<HnswGraph> graph_;
};

}  // namespace likeness
