#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/model/tflite.h>

#include "model/flatbuffer.h"
#include "model/shape.h"

namespace likeness {
namespace {

static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");

// Far above the largest model used here (some 500), and few enough to bound the memory taken.
constexpr std::size_t kMaxItems = 100'000;

// Positions of the fields in the tables of the TensorFlow Lite schema (schema.fbs, version 3).
namespace model_field {
constexpr std::size_t kOperatorCodes = 1, kSubgraphs = 2, kBuffers = 4;
}
namespace code_field {
constexpr std::size_t kDeprecatedBuiltinCode = 0, kBuiltinCode = 3;
}
namespace subgraph_field {
constexpr std::size_t kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3;
}
namespace tensor_field {
constexpr std::size_t kShape = 0, kType = 1, kBuffer = 2, kName = 3;
}
namespace operator_field {
constexpr std::size_t kCode = 0, kInputs = 1, kOutputs = 2;
}
namespace buffer_field {
constexpr std::size_t kData = 0;
}

// TensorType of the schema.
constexpr std::int8_t kFloat32 = 0, kFloat16 = 1, kInt32 = 2;

class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& name) : file_(bytes, name) {}

  TfliteModel read() {
    const auto root = file_.root();
    read_codes(root);
    read_buffers(root);
    const auto subgraphs = tables(root, model_field::kSubgraphs, "subgraphs");
    if (subgraphs.size == 0) file_.fail("no subgraph");
    const auto graph = file_.table(subgraphs, 0);

    const auto tensors = tables(graph, subgraph_field::kTensors, "tensors");
    for (std::size_t i = 0; i < tensors.size; ++i)
      model_.tensors.push_back(read_tensor(file_.table(tensors, i)));
    const auto operators = tables(graph, subgraph_field::kOperators, "operators");
    for (std::size_t i = 0; i < operators.size; ++i)
      model_.operators.push_back(read_operator(file_.table(operators, i)));
    model_.inputs = tensor_indices(graph, subgraph_field::kInputs, 0);
    model_.outputs = tensor_indices(graph, subgraph_field::kOutputs, 0);
    return std::move(model_);
  }

 private:
  FlatBuffer::Vector tables(FlatBuffer::Position table, std::size_t field, const char* what) {
    const auto vector = file_.vector(table, field, sizeof(std::uint32_t));
    if (vector.size > kMaxItems)
      file_.fail(std::to_string(vector.size) + " " + what + ", more than " +
                 std::to_string(kMaxItems));
    return vector;
  }

  void read_codes(FlatBuffer::Position root) {
    const auto codes = tables(root, model_field::kOperatorCodes, "operator codes");
    for (std::size_t i = 0; i < codes.size; ++i) {
      const auto code = file_.table(codes, i);
      // Old files have the first field only; new ones clamp it to 127 and use the second.
      codes_.push_back(
          std::max<int>(file_.scalar<std::int8_t>(code, code_field::kDeprecatedBuiltinCode, 0),
                        file_.scalar<std::int32_t>(code, code_field::kBuiltinCode, 0)));
    }
  }

  void read_buffers(FlatBuffer::Position root) {
    const auto buffers = tables(root, model_field::kBuffers, "buffers");
    for (std::size_t i = 0; i < buffers.size; ++i) buffers_.push_back(file_.table(buffers, i));
  }

  TfliteTensor read_tensor(FlatBuffer::Position table) {
    TfliteTensor tensor;
    tensor.name = file_.text(table, tensor_field::kName);
    const auto shape = file_.vector(table, tensor_field::kShape, sizeof(std::int32_t));
    if (shape.size > kMaxRank)
      file_.fail("tensor " + in_quotes(tensor.name) + " has " + std::to_string(shape.size) +
                 " dimensions");
    for (std::size_t i = 0; i < shape.size; ++i)
      tensor.shape.push_back(file_.element<std::int32_t>(shape, i));

    const auto buffer = file_.scalar<std::uint32_t>(table, tensor_field::kBuffer, 0);
    if (buffer >= buffers_.size())
      file_.fail("tensor " + in_quotes(tensor.name) + " is in buffer " + std::to_string(buffer) +
                 " of " + std::to_string(buffers_.size()));
    const auto bytes = file_.byte_vector(buffers_[buffer], buffer_field::kData);
    if (!bytes.empty())
      tensor.data =
          constant(tensor, file_.scalar<std::int8_t>(table, tensor_field::kType, 0), bytes);
    return tensor;
  }

  at::Tensor constant(const TfliteTensor& tensor, std::int8_t type,
                      std::span<const std::uint8_t> bytes) {
    const std::string where = "tensor " + in_quotes(tensor.name) + ": ";
    if (type != kFloat32 && type != kFloat16 && type != kInt32)
      file_.fail(where + "constant of type " + std::to_string(type) +
                 ", only float32, float16 and int32 are read");
    const auto scalar_type =
        type == kFloat32 ? at::kFloat : (type == kFloat16 ? at::kHalf : at::kInt);
    const auto needed =
        byte_count(tensor.shape, static_cast<std::int64_t>(c10::elementSize(scalar_type)));
    if (!needed || static_cast<std::size_t>(*needed) != bytes.size())
      file_.fail(where + "shape " + to_string(tensor.shape) + " does not fit its " +
                 std::to_string(bytes.size()) + " bytes");
    at::Tensor data = at::empty(tensor.shape, at::TensorOptions(scalar_type));
    std::memcpy(data.data_ptr(), bytes.data(), bytes.size());
    return type == kFloat16 ? data.to(at::kFloat) : data;
  }

  TfliteOperator read_operator(FlatBuffer::Position table) {
    const auto code = file_.scalar<std::uint32_t>(table, operator_field::kCode, 0);
    if (code >= codes_.size())
      file_.fail("an operator has code " + std::to_string(code) + " of " +
                 std::to_string(codes_.size()));
    return {codes_[code], tensor_indices(table, operator_field::kInputs, -1),
            tensor_indices(table, operator_field::kOutputs, 0)};
  }

  std::vector<int> tensor_indices(FlatBuffer::Position table, std::size_t field, int lowest) {
    const auto vector = file_.vector(table, field, sizeof(std::int32_t));
    std::vector<int> indices(vector.size);
    for (std::size_t i = 0; i < vector.size; ++i) {
      indices[i] = file_.element<std::int32_t>(vector, i);
      if (indices[i] < lowest || indices[i] >= static_cast<int>(model_.tensors.size()))
        file_.fail("tensor index " + std::to_string(indices[i]) + " of " +
                   std::to_string(model_.tensors.size()));
    }
    return indices;
  }

  FlatBuffer file_;
  std::vector<int> codes_;
  std::vector<FlatBuffer::Position> buffers_;
  TfliteModel model_;
};

}  // namespace

TfliteModel parse_tflite(std::span<const std::uint8_t> bytes, const std::string& name) {
  constexpr std::array<std::uint8_t, 4> kIdentifier = {'T', 'F', 'L', '3'};
  const auto identifier = bytes.subspan(std::min<std::size_t>(4, bytes.size()));
  if (identifier.size() < kIdentifier.size() ||
      !std::equal(kIdentifier.begin(), kIdentifier.end(), identifier.begin()))
    throw Error(ErrorCode::unsupported_format, name + ": not a TensorFlow Lite model");
  return Reader(bytes, name).read();
}

}  // namespace likeness
