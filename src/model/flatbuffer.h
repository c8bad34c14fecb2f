#pragma once

/// Bounded reading of FlatBuffers (https://flatbuffers.dev/flatbuffers_internals.html): every
/// position is checked before it is read.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <likeness/core/error.h>

namespace likeness {

/// A file that holds FlatBuffer tables. Objects may be referred to many times, so that a small
/// hostile file could describe endless work; everything that is read in bulk is therefore counted,
/// and reading more than a few times the file's size throws.
class FlatBuffer {
 public:
  /// A table's position; 0 when it is absent.
  using Position = std::size_t;

  /// A vector of `size` elements whose first one is at `first`.
  struct Vector {
    Position first = 0;
    std::size_t size = 0;
  };

  /// `name` stands for the file in errors. Both must outlive this object.
  FlatBuffer(std::span<const std::uint8_t> bytes, const std::string& name)
      : bytes_(bytes), name_(name), budget_(4 * bytes.size()) {}

  Position root() { return follow(0); }

  /// The scalar in field `index` of `table`, `fallback` when it is absent.
  template <class Scalar>
  Scalar scalar(Position table, std::size_t index, Scalar fallback) {
    const Position field = find(table, index);
    return field == 0 ? fallback : read<Scalar>(field);
  }

  /// The vector in field `index`, empty when it is absent.
  Vector vector(Position table, std::size_t index, std::size_t element_bytes) {
    const Position field = find(table, index);
    if (field == 0) return {};
    const Position start = follow(field);
    const Vector vector{start + sizeof(std::uint32_t), read<std::uint32_t>(start)};
    if (vector.size > (bytes_.size() - vector.first) / element_bytes)
      fail("a vector reaches beyond the end");
    spend(vector.size * element_bytes);
    return vector;
  }

  /// Element `i` of a vector of scalars.
  template <class Scalar>
  Scalar element(const Vector& vector, std::size_t i) {
    return read<Scalar>(vector.first + i * sizeof(Scalar));
  }

  /// Element `i` of a vector of tables.
  Position table(const Vector& vector, std::size_t i) {
    return follow(vector.first + i * sizeof(std::uint32_t));
  }

  std::span<const std::uint8_t> byte_vector(Position table, std::size_t index) {
    const Vector content = vector(table, index, 1);
    return bytes_.subspan(content.first, content.size);
  }

  std::string text(Position table, std::size_t index) {
    const auto content = byte_vector(table, index);
    return {reinterpret_cast<const char*>(content.data()), content.size()};
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, name_ + ": " + what);
  }

 private:
  template <class Value>
  Value read(Position position) const {
    if (position > bytes_.size() || bytes_.size() - position < sizeof(Value))
      fail("an offset points beyond the end");
    Value value;
    std::memcpy(&value, bytes_.data() + position, sizeof(Value));
    return value;
  }

  Position follow(Position position) const {
    const auto offset = read<std::uint32_t>(position);
    if (offset == 0) fail("an offset is zero");
    return position + offset;
  }

  /// Position of a field's value, 0 when the table does not have it.
  Position find(Position table, std::size_t index) const {
    // The table begins with a signed distance back to its vtable: its own size, the table's size,
    // then one offset for each field.
    const auto vtable = static_cast<std::int64_t>(table) - read<std::int32_t>(table);
    if (vtable < 0) fail("a vtable lies before the beginning");
    const auto start = static_cast<Position>(vtable);
    const std::size_t entry = (2 + index) * sizeof(std::uint16_t);
    if (entry + sizeof(std::uint16_t) > read<std::uint16_t>(start)) return 0;
    const auto offset = read<std::uint16_t>(start + entry);
    return offset == 0 ? 0 : table + offset;
  }

  void spend(std::size_t bytes) {
    if (bytes > budget_) fail("its parts refer to the same bytes too often");
    budget_ -= bytes;
  }

  std::span<const std::uint8_t> bytes_;
  const std::string& name_;
  std::size_t budget_;
};

}  // namespace likeness
