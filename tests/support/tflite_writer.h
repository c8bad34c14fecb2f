#pragma once

/// Small TensorFlow Lite files for tests, written by hand: a writer of FlatBuffers that can also
/// describe nonsense.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace likeness {

/// Writes each object behind the one that refers to it, as FlatBuffers demand.
class FlatWriter {
 public:
  using Bytes = std::vector<std::uint8_t>;
  /// Writes an object at the end and returns its position.
  using Child = std::function<std::size_t(FlatWriter&)>;

  struct Field {
    std::size_t index;
    Bytes scalar;  ///< the value itself, or
    Child child;   ///< what it refers to
  };

  template <class Scalar>
  static Field scalar(std::size_t index, Scalar value) {
    Bytes bytes(sizeof(Scalar));
    std::memcpy(bytes.data(), &value, sizeof(Scalar));
    return {index, bytes, nullptr};
  }
  static Field child(std::size_t index, Child child) { return {index, {}, std::move(child)}; }

  template <class Scalar>
  static Child vector(std::vector<Scalar> values) {
    return [values = std::move(values)](FlatWriter& file) {
      const std::size_t start = file.append(static_cast<std::uint32_t>(values.size()));
      for (const Scalar value : values) file.append(value);
      return start;
    };
  }
  static Child text(const std::string& value) {
    return vector(std::vector<char>(value.begin(), value.end()));
  }
  static Child tables(std::vector<Child> elements) {
    return [elements = std::move(elements)](FlatWriter& file) {
      const std::size_t start = file.append(static_cast<std::uint32_t>(elements.size()));
      const std::size_t first = file.bytes.size();
      for (std::size_t i = 0; i < elements.size(); ++i) file.append(std::uint32_t{0});
      for (std::size_t i = 0; i < elements.size(); ++i) file.refer(first + 4 * i, elements[i]);
      return start;
    };
  }
  static Child table(std::vector<Field> fields) {
    return [fields = std::move(fields)](FlatWriter& file) { return file.append_table(fields); };
  }

  /// The root's offset and the file identifier, then `root`.
  static Bytes file(const std::string& identifier, const Child& root) {
    FlatWriter file;
    file.append(std::uint32_t{0});
    file.bytes.insert(file.bytes.end(), identifier.begin(), identifier.end());
    file.refer(0, root);
    return std::move(file.bytes);
  }

  template <class Scalar>
  std::size_t append(Scalar value) {
    const std::size_t position = bytes.size();
    bytes.resize(position + sizeof(Scalar));
    std::memcpy(bytes.data() + position, &value, sizeof(Scalar));
    return position;
  }

  /// Lets the offset at `position` point to what `target` writes.
  void refer(std::size_t position, const Child& target) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    const auto offset = static_cast<std::uint32_t>(target(*this) - position);
    std::memcpy(bytes.data() + position, &offset, sizeof(offset));
  }

  Bytes bytes;

 private:
  std::size_t append_table(const std::vector<Field>& fields) {
    std::size_t slots = 0;
    for (const Field& field : fields) slots = std::max(slots, field.index + 1);
    std::vector<std::uint16_t> vtable(2 + slots);
    std::uint16_t size = 4;
    for (const Field& field : fields) {
      vtable[2 + field.index] = size;
      size = static_cast<std::uint16_t>(size + (field.child ? 4 : field.scalar.size()));
    }
    vtable[0] = static_cast<std::uint16_t>(2 * vtable.size());
    vtable[1] = size;
    const std::size_t vtable_position = bytes.size();
    for (const std::uint16_t entry : vtable) append(entry);

    const std::size_t table = append(static_cast<std::int32_t>(bytes.size() - vtable_position));
    for (const Field& field : fields)
      bytes.insert(bytes.end(), field.child ? 4 : field.scalar.size(), 0);
    for (const Field& field : fields) {
      const std::size_t position = table + vtable[2 + field.index];
      if (field.child)
        refer(position, field.child);
      else
        std::memcpy(bytes.data() + position, field.scalar.data(), field.scalar.size());
    }
    return table;
  }
};

struct WrittenTensor {
  std::string name;
  std::vector<std::int32_t> shape;
  std::int8_t type = 0;      ///< 0 = float32, 1 = float16, 2 = int32
  std::uint32_t buffer = 0;  ///< 0 is the empty one
};

struct WrittenOperator {
  std::uint32_t code = 0;  ///< index into `codes`
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
};

/// What a TensorFlow Lite file says.
struct WrittenModel {
  /// deprecated_builtin_code and builtin_code
  std::vector<std::pair<std::int8_t, std::int32_t>> codes = {{3, 3}};
  std::vector<std::vector<std::uint8_t>> buffers = {{}};
  std::vector<WrittenTensor> tensors = {};
  std::vector<WrittenOperator> operators = {};
  std::vector<std::int32_t> inputs = {};
  std::vector<std::int32_t> outputs = {};
  std::string identifier = "TFL3";

  /// Adds float32 values as a buffer and a tensor; returns the tensor's index.
  std::int32_t add_constant(const std::string& name, std::vector<std::int32_t> shape,
                            const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    buffers.push_back(std::move(bytes));
    tensors.push_back({name, std::move(shape), 0, static_cast<std::uint32_t>(buffers.size() - 1)});
    return static_cast<std::int32_t>(tensors.size() - 1);
  }

  std::vector<std::uint8_t> write() const {
    using W = FlatWriter;
    std::vector<W::Child> code_tables;
    for (const auto& [old_code, code] : codes)
      code_tables.push_back(W::table({W::scalar(0, old_code), W::scalar(3, code)}));
    std::vector<W::Child> buffer_tables;
    for (const auto& buffer : buffers)
      buffer_tables.push_back(buffer.empty() ? W::table({})
                                             : W::table({W::child(0, W::vector(buffer))}));
    std::vector<W::Child> tensor_tables;
    for (const auto& tensor : tensors)
      tensor_tables.push_back(
          W::table({W::child(0, W::vector(tensor.shape)), W::scalar(1, tensor.type),
                    W::scalar(2, tensor.buffer), W::child(3, W::text(tensor.name))}));
    std::vector<W::Child> operator_tables;
    for (const auto& op : operators)
      operator_tables.push_back(W::table({W::scalar(0, op.code), W::child(1, W::vector(op.inputs)),
                                          W::child(2, W::vector(op.outputs))}));
    const auto graph =
        W::table({W::child(0, W::tables(tensor_tables)), W::child(1, W::vector(inputs)),
                  W::child(2, W::vector(outputs)), W::child(3, W::tables(operator_tables))});
    return W::file(
        identifier,
        W::table({W::scalar(0, std::uint32_t{3}), W::child(1, W::tables(code_tables)),
                  W::child(2, W::tables({graph})), W::child(4, W::tables(buffer_tables))}));
  }
};

}  // namespace likeness
