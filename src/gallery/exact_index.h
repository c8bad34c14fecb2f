#pragma once

/// All entries in rows one after the other. A search reads rows rounded to bfloat16, half the
/// bytes, as memory is what limits it, and then computes the exact distance of every entry that
/// rounding may have moved out of the closest ones: the result is that of float32.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "gallery/entry_store.h"
#include "gallery/large_buffer.h"

namespace likeness {

class ExactIndex : public EntryStore {
 public:
  explicit ExactIndex(std::size_t dimensions);
  ~ExactIndex() override;

  std::size_t size() const override { return ids_.size(); }
  bool contains(std::int64_t id) const override { return rows_.contains(id); }
  void add(std::span<const std::int64_t> ids, std::span<const float> encodings,
           int threads) override;
  bool remove(std::int64_t id) override;
  std::vector<IndexHit> nearest(std::span<const float> probe, std::size_t count,
                                int breadth) const override;
  void write(SealedWriter& file) const override;
  bool read(SealedReader& file) override;

 private:
  struct Near {
    float distance;  ///< to the rounded row
    std::uint32_t row;
  };
  /// Rows that never move when the index grows.
  struct Block {
    LargeBuffer<float> exact;
    LargeBuffer<std::uint16_t> rounded;
  };

  void append(std::int64_t id, const float* encoding);
  float* exact(std::size_t row) const;
  std::uint16_t* rounded(std::size_t row) const;
  float limit(float distance) const;
  std::vector<Near> scan(const float* probe, std::size_t count) const;

  std::size_t dimensions_;
  std::size_t stride_;
  std::vector<Block> blocks_;
  std::vector<std::int64_t> ids_;
  std::unordered_map<std::int64_t, std::uint32_t> rows_;
  float rounding_ = 0;  ///< how far at most a rounded row lies from its row
};

}  // namespace likeness
