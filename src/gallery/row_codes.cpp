#include "gallery/row_codes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace likeness {
namespace {

constexpr float kMostCode = 127;
/// A scale is chosen with room, so that few rows need another one.
constexpr float kRoom = 1.25F;

float largest_of(const float* row, std::size_t size) {
  float largest = 0;
  for (std::size_t i = 0; i < size; ++i) largest = std::max(largest, std::abs(row[i]));
  return largest;
}

}  // namespace

void RowCodes::reserve(std::size_t rows) {
  LargeBuffer<std::int8_t> codes(rows * stride_);
  if (size_ > 0) std::copy_n(codes_.get(), size_ * stride_, codes.get());
  codes_ = std::move(codes);
}

void RowCodes::extend(std::size_t rows, const RowOf& row_of) {
  float largest = 0;
  for (std::size_t i = size_; i < rows; ++i)
    if (const float* row = row_of(i)) largest = std::max(largest, largest_of(row, stride_));
  if (largest > largest_) {
    largest_ = kRoom * largest;
    size_ = 0;
  }
  for (; size_ < rows; ++size_) {
    if (const float* row = row_of(size_))
      encode(row, codes_.get() + size_ * stride_);
    else
      remove(size_);
  }
}

void RowCodes::remove(std::size_t row) {
  std::fill_n(codes_.get() + row * stride_, stride_, kRemoved);
}

std::vector<std::int8_t> RowCodes::code(const float* probe) const {
  std::vector<std::int8_t> codes(stride_);
  encode(probe, codes.data());
  return codes;
}

void RowCodes::encode(const float* row, std::int8_t* codes) const {
  const float scale = largest_ > 0 ? kMostCode / largest_ : 0;
  for (std::size_t i = 0; i < stride_; ++i) {
    const float rounded = row[i] * scale + std::copysign(0.5F, row[i]);
    // In this order what is not a number becomes a code too.
    codes[i] = static_cast<std::int8_t>(std::min(kMostCode, std::max(-kMostCode, rounded)));
  }
}

}  // namespace likeness
