#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/model/tfjs.h>

#include "model/json.h"
#include "model/shape.h"

namespace likeness {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxManifestBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxGroupsDepth = 5;  // groups, group, weights, weight, shape or quantization

/// value = q · scale + min, for whole numbers q of one or two bytes.
struct Quantization {
  std::int64_t element_bytes = 1;
  double scale = 1;
  double min = 0;
};

struct Weight {
  std::string name;
  Shape shape;
  bool integer = false;  // int32 instead of float32
  std::optional<Quantization> quantization;
};

class WeightReader {
 public:
  WeightReader(const std::string& file, const json& entry) : where_(file + ": "), entry_(entry) {}

  Weight read() {
    if (!entry_.is_object()) fail("a weight is not an object");
    const json& name = field(entry_, "name");
    if (!name.is_string()) fail("a weight's name is not a text");
    weight_.name = name.get<std::string>();
    where_ += "weight " + in_quotes(weight_.name) + ": ";
    read_shape();
    const json& type = field(entry_, "dtype");
    weight_.integer = type == "int32";
    if (!weight_.integer && type != "float32")
      fail("dtype " + in_quotes(type.dump()) + " is not float32 or int32");
    if (entry_.contains("quantization")) read_quantization(entry_["quantization"]);
    return std::move(weight_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, where_ + what);
  }

  const json& field(const json& object, const char* key) const {
    const auto found = object.find(key);
    if (found == object.end()) fail(std::string("no ") + key);
    return *found;
  }

  void read_shape() {
    const json& shape = field(entry_, "shape");
    if (!shape.is_array() || shape.size() > kMaxRank)
      fail("shape is not a list of at most " + std::to_string(kMaxRank) + " sizes");
    for (const json& size : shape) {
      if (!size.is_number_unsigned() || size.get<std::uint64_t>() > INT64_MAX)
        fail("shape has " + in_quotes(size.dump()) + ", not a whole number from 0");
      weight_.shape.push_back(size.get<std::int64_t>());
    }
  }

  double number(const json& object, const char* key) const {
    const json& value = field(object, key);
    if (!value.is_number()) fail(std::string("quantization ") + key + " is not a number");
    return value.get<double>();
  }

  void read_quantization(const json& object) {
    if (!object.is_object()) fail("quantization is not an object");
    Quantization quantization;
    const json& type = field(object, "dtype");
    if (type != "uint8" && type != "uint16")
      fail("quantization dtype " + in_quotes(type.dump()) + " is not uint8 or uint16");
    quantization.element_bytes = type == "uint8" ? 1 : 2;
    quantization.scale = number(object, "scale");
    quantization.min = number(object, "min");
    const double largest =
        std::abs(quantization.scale) * (type == "uint8" ? 255 : 65535) + std::abs(quantization.min);
    const double limit = weight_.integer ? std::numeric_limits<std::int32_t>::max()
                                         : std::numeric_limits<float>::max();
    if (!(largest <= limit)) fail("quantization scale or min is out of range");
    weight_.quantization = quantization;
  }

  std::string where_;
  const json& entry_;
  Weight weight_;
};

/// Adds up in double like TensorFlow.js, which then rounds to float32 (or to a whole number).
template <class Quantized, class Value>
void dequantise(std::span<const std::uint8_t> bytes, const Quantization& quantization,
                at::Tensor& tensor) {
  auto* values = tensor.data_ptr<Value>();
  const std::size_t count = bytes.size() / sizeof(Quantized);
  for (std::size_t i = 0; i < count; ++i) {
    Quantized q;
    std::memcpy(&q, bytes.data() + i * sizeof(Quantized), sizeof(Quantized));
    const double value = q * quantization.scale + quantization.min;
    values[i] = static_cast<Value>(std::is_integral_v<Value> ? std::round(value) : value);
  }
}

at::Tensor read_tensor(const Weight& weight, std::span<const std::uint8_t> bytes) {
  at::Tensor tensor = at::empty(weight.shape, weight.integer ? at::kInt : at::kFloat);
  if (!weight.quantization) {
    if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  } else if (weight.quantization->element_bytes == 1) {
    weight.integer ? dequantise<std::uint8_t, std::int32_t>(bytes, *weight.quantization, tensor)
                   : dequantise<std::uint8_t, float>(bytes, *weight.quantization, tensor);
  } else {
    weight.integer ? dequantise<std::uint16_t, std::int32_t>(bytes, *weight.quantization, tensor)
                   : dequantise<std::uint16_t, float>(bytes, *weight.quantization, tensor);
  }
  return tensor;
}

/// The weights of all groups, in the order of their data.
std::vector<Weight> read_manifest(std::span<const std::uint8_t> manifest, const std::string& name) {
  if (manifest.size() > kMaxManifestBytes)
    throw Error(ErrorCode::corrupt_file, name + ": a manifest of " +
                                             std::to_string(manifest.size()) + " bytes, limit " +
                                             std::to_string(kMaxManifestBytes));
  const json groups = parse_json(manifest, name, kMaxGroupsDepth);
  if (!groups.is_array())
    throw Error(ErrorCode::corrupt_file, name + ": not a list of weight groups");
  std::vector<Weight> weights;
  for (const json& group : groups) {
    if (!group.is_object() || !group.contains("weights") || !group["weights"].is_array())
      throw Error(ErrorCode::corrupt_file, name + ": a group has no list of weights");
    for (const json& entry : group["weights"]) weights.push_back(WeightReader(name, entry).read());
  }
  return weights;
}

}  // namespace

TensorMap parse_tfjs_weights(std::span<const std::uint8_t> manifest,
                             std::span<const std::uint8_t> data, const std::string& name) {
  TensorMap tensors;
  auto rest = data;
  for (const Weight& weight : read_manifest(manifest, name)) {
    const std::string where = name + ": weight " + in_quotes(weight.name) + ": ";
    const auto needed = byte_count(
        weight.shape, weight.quantization ? weight.quantization->element_bytes : sizeof(float));
    if (!needed)
      throw Error(ErrorCode::corrupt_file,
                  where + "shape " + to_string(weight.shape) + " overflows");
    if (static_cast<std::uint64_t>(*needed) > rest.size())
      throw Error(ErrorCode::corrupt_file, where + "shape " + to_string(weight.shape) + " needs " +
                                               std::to_string(*needed) + " bytes, " +
                                               std::to_string(rest.size()) + " are left");
    if (!tensors.emplace(weight.name, read_tensor(weight, rest.first(*needed))).second)
      throw Error(ErrorCode::corrupt_file, where + "the name appears twice");
    rest = rest.subspan(*needed);
  }
  if (!rest.empty())
    throw Error(ErrorCode::corrupt_file,
                name + ": " + std::to_string(rest.size()) + " bytes of data are left over");
  return tensors;
}

}  // namespace likeness
