#pragma once

/// What the kinds of index have in common: where entries are kept and how the closest are found.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <likeness/gallery/vector_index.h>

#include "gallery/sealed_file.h"

namespace likeness {

class EntryStore {
 public:
  virtual ~EntryStore() = default;
  virtual std::size_t size() const = 0;
  virtual bool contains(std::int64_t id) const = 0;
  /// encodings: [ids, dimensions]; ids that are not there.
  virtual void add(std::span<const std::int64_t> ids, std::span<const float> encodings,
                   int threads) = 0;
  virtual bool remove(std::int64_t id) = 0;
  /// breadth: of the search, where it has one; 0: that of the options.
  virtual std::vector<IndexHit> nearest(std::span<const float> probe, std::size_t count,
                                        int breadth) const = 0;
  virtual void write(SealedWriter& file) const = 0;
  /// Fills an empty store. False when the file does not hold one; the store is of no use then.
  virtual bool read(SealedReader& file) = 0;
};

/// Sorts the first `count` hits to the front and drops the others.
void keep_closest(std::vector<IndexHit>& hits, std::size_t count);

}  // namespace likeness
