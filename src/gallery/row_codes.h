#pragma once

/// Rows of float rounded to a byte a number, a quarter of the memory, for a search that is limited
/// by how fast rows come from memory. All share one scale, as the encodings of a network have one
/// length. Distances between codes are whole numbers: the same on every processor.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "gallery/large_buffer.h"

namespace likeness {

class RowCodes {
 public:
  /// Of a row by its place; null for one that was removed.
  using RowOf = std::function<const float*(std::size_t row)>;

  explicit RowCodes(std::size_t stride) : stride_(stride) {}

  /// Makes room for `rows` rows; those that are there stay.
  void reserve(std::size_t rows);
  /// Codes the rows up to `rows` that are not coded yet, and all when those need another scale.
  void extend(std::size_t rows, const RowOf& row_of);
  /// Its numbers are gone; it lies far from all rows.
  void remove(std::size_t row);

  std::size_t stride() const { return stride_; }
  const std::int8_t* row(std::size_t row) const { return codes_.get() + row * stride_; }
  bool is_removed(std::size_t row) const { return *this->row(row) == kRemoved; }
  /// The codes of a probe of `stride` numbers.
  std::vector<std::int8_t> code(const float* probe) const;

 private:
  static constexpr std::int8_t kRemoved = -128;  // no row has it: they lie within ±127

  void encode(const float* row, std::int8_t* codes) const;

  std::size_t stride_;
  std::size_t size_ = 0;
  LargeBuffer<std::int8_t> codes_;
  float largest_ = 0;  ///< that a code can stand for
};

}  // namespace likeness
