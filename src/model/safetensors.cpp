#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/model/safetensors.h>

#include "model/json.h"
#include "model/shape.h"

namespace likeness {
namespace {

static_assert(std::endian::native == std::endian::little, "the format stores little-endian data");

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;
constexpr std::size_t kMaxFileBytes = std::size_t{4} << 30;
constexpr std::size_t kMaxHeaderDepth = 3;  // header, tensor, shape
constexpr char kMetadata[] = "__metadata__";

constexpr std::array<std::pair<const char*, at::ScalarType>, 10> kTypes = {{{"F64", at::kDouble},
                                                                            {"F32", at::kFloat},
                                                                            {"F16", at::kHalf},
                                                                            {"BF16", at::kBFloat16},
                                                                            {"I64", at::kLong},
                                                                            {"I32", at::kInt},
                                                                            {"I16", at::kShort},
                                                                            {"I8", at::kChar},
                                                                            {"U8", at::kByte},
                                                                            {"BOOL", at::kBool}}};

/// What the header says of one tensor.
struct Slot {
  std::string name;
  at::ScalarType type = at::kFloat;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Reads the header's entry of one tensor; throws with the file's and the tensor's name.
class SlotReader {
 public:
  SlotReader(const std::string& file, const std::string& tensor, const json& entry)
      : where_(file + ": tensor " + in_quotes(tensor) + ": "), entry_(entry) {
    if (!entry.is_object() || entry.size() != 3)
      fail("its entry is not {dtype, shape, data_offsets}");
    slot_.name = tensor;
  }

  Slot read(std::uint64_t data_bytes) {
    read_type();
    read_shape();
    read_offsets(data_bytes);
    return std::move(slot_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, where_ + what);
  }

  const json& field(const char* key) const {
    const auto found = entry_.find(key);
    if (found == entry_.end()) fail(std::string("no ") + key);
    return *found;
  }

  std::int64_t whole_number(const json& value, const char* key) const {
    // The parser gives plain digits as unsigned; -1, 2.0, 1e3 and 2^64 come as other kinds.
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT64_MAX)
      fail(std::string(key) + " has " + in_quotes(value.dump()) + ", not a whole number from 0");
    return value.get<std::int64_t>();
  }

  void read_type() {
    const json& type = field("dtype");
    for (const auto& [name, code] : kTypes) {
      if (type == name) {
        slot_.type = code;
        return;
      }
    }
    fail("dtype " + in_quotes(type.dump()) + " is not known");
  }

  void read_shape() {
    const json& shape = field("shape");
    if (!shape.is_array()) fail("shape is not a list");
    if (shape.size() > kMaxRank)
      fail("shape has " + std::to_string(shape.size()) + " dimensions, more than " +
           std::to_string(kMaxRank));
    for (const json& size : shape) slot_.shape.push_back(whole_number(size, "shape"));
  }

  void read_offsets(std::uint64_t data_bytes) {
    const json& offsets = field("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2) fail("data_offsets is not [begin, end]");
    slot_.begin = static_cast<std::uint64_t>(whole_number(offsets[0], "data_offsets"));
    slot_.end = static_cast<std::uint64_t>(whole_number(offsets[1], "data_offsets"));
    if (slot_.begin > slot_.end || slot_.end > data_bytes)
      fail("data_offsets " + offsets.dump() + " lie outside of the " + std::to_string(data_bytes) +
           " bytes of data");
    const auto needed =
        byte_count(slot_.shape, static_cast<std::int64_t>(c10::elementSize(slot_.type)));
    if (!needed) fail("shape " + to_string(slot_.shape) + " overflows");
    if (static_cast<std::uint64_t>(*needed) != slot_.end - slot_.begin)
      fail("shape " + to_string(slot_.shape) + " needs " + std::to_string(*needed) +
           " bytes, data_offsets give " + std::to_string(slot_.end - slot_.begin));
  }

  std::string where_;
  const json& entry_;
  Slot slot_;
};

std::map<std::string, std::string> read_metadata(const json& header, const std::string& name) {
  std::map<std::string, std::string> metadata;
  const auto found = header.find(kMetadata);
  if (found == header.end()) return metadata;
  if (!found->is_object())
    throw Error(ErrorCode::corrupt_file, name + ": __metadata__ is not an object");
  for (const auto& [key, value] : found->items()) {
    if (!value.is_string())
      throw Error(ErrorCode::corrupt_file,
                  name + ": __metadata__ " + in_quotes(key) + " is not a text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// The tensors in the order of their data, which must follow each other without overlap or gap.
std::vector<Slot> read_slots(const json& header, std::uint64_t data_bytes,
                             const std::string& name) {
  std::vector<Slot> slots;
  for (const auto& [key, entry] : header.items())
    if (key != kMetadata) slots.push_back(SlotReader(name, key, entry).read(data_bytes));
  std::sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t expected = 0;
  for (const Slot& slot : slots) {
    if (slot.begin != expected)
      throw Error(ErrorCode::corrupt_file, name + ": tensor " + in_quotes(slot.name) +
                                               " begins at " + std::to_string(slot.begin) +
                                               ", expected " + std::to_string(expected) +
                                               ": data overlaps or has a gap");
    expected = slot.end;
  }
  if (expected != data_bytes)
    throw Error(ErrorCode::corrupt_file, name + ": tensors use " + std::to_string(expected) +
                                             " of " + std::to_string(data_bytes) +
                                             " bytes of data");
  return slots;
}

/// The tensor as a copy, or as a part of `owner`, whose bytes `data` are.
at::Tensor read_tensor(const Slot& slot, std::span<const std::uint8_t> data,
                       const std::shared_ptr<Bytes>& owner, const std::string& name) {
  const auto bytes = data.subspan(slot.begin, slot.end - slot.begin);
  // A bool other than 0 and 1 is undefined behaviour wherever it is read.
  if (slot.type == at::kBool &&
      std::any_of(bytes.begin(), bytes.end(), [](auto b) { return b > 1; }))
    throw Error(ErrorCode::corrupt_file,
                name + ": tensor " + in_quotes(slot.name) + ": a BOOL is neither 0 nor 1");
  const at::TensorOptions options(slot.type);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  if (owner && !bytes.empty() && address % c10::elementSize(slot.type) == 0)
    return at::from_blob(
        const_cast<std::uint8_t*>(bytes.data()), slot.shape, [owner](void*) {}, options);
  at::Tensor tensor = at::empty(slot.shape, options);
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

const char* type_name(at::ScalarType type) {
  for (const auto& [name, code] : kTypes)
    if (code == type) return name;
  return nullptr;
}

struct NamedTensor {
  std::string name;
  at::Tensor tensor;  // contiguous, on the CPU
};

/// Wide elements first, so that every tensor is aligned to its own elements without gaps.
std::vector<NamedTensor> in_file_order(const TensorMap& tensors) {
  std::vector<NamedTensor> ordered;
  for (const auto& [name, tensor] : tensors) {
    LIKENESS_CHECK(tensor.defined() && type_name(tensor.scalar_type()) != nullptr);
    LIKENESS_CHECK(name != kMetadata);
    ordered.push_back({name, tensor.detach().to(at::kCPU).contiguous()});
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return a.tensor.element_size() > b.tensor.element_size();
  });
  return ordered;
}

std::string header_text(const TensorFile& file, const std::vector<NamedTensor>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[kMetadata] = file.metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + tensor.nbytes();
    header[name] = {{"dtype", type_name(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::invalid_argument,
                std::string("a tensor cannot have this name: ") + in_quotes(error.what()));
  }
  // Spaces up to the next multiple of eight: the data begins aligned.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

TensorFile parse(std::span<const std::uint8_t> bytes, const std::shared_ptr<Bytes>& owner,
                 const std::string& name) {
  std::uint64_t header_bytes = 0;
  if (bytes.size() < kLengthBytes)
    throw Error(ErrorCode::corrupt_file, name + ": " + std::to_string(bytes.size()) +
                                             " bytes, too short for a safetensors file");
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  const auto rest = bytes.subspan(kLengthBytes);
  if (header_bytes > kMaxHeaderBytes || header_bytes > rest.size())
    throw Error(ErrorCode::corrupt_file, name + ": header of " + std::to_string(header_bytes) +
                                             " bytes in a file of " + std::to_string(bytes.size()) +
                                             " (limit " + std::to_string(kMaxHeaderBytes) + ")");
  const auto text = rest.first(header_bytes);
  const auto data = rest.subspan(header_bytes);
  if (text.empty() || text[0] != '{')
    throw Error(ErrorCode::corrupt_file, name + ": the header does not begin with '{'");
  const json header = parse_json(text, name, kMaxHeaderDepth);

  TensorFile file;
  file.metadata = read_metadata(header, name);
  for (const Slot& slot : read_slots(header, data.size(), name))
    file.tensors[slot.name] = read_tensor(slot, data, owner, name);
  return file;
}

}  // namespace

TensorFile parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& name) {
  return parse(bytes, nullptr, name);
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const auto bytes = std::make_shared<Bytes>(read_file(path, kMaxFileBytes));
  return parse(*bytes, bytes, path.string());
}

Bytes serialize_safetensors(const TensorFile& file) {
  const auto tensors = in_file_order(file.tensors);
  const std::string header = header_text(file, tensors);
  const auto header_bytes = static_cast<std::uint64_t>(header.size());
  std::size_t total = kLengthBytes + header.size();
  for (const auto& [name, tensor] : tensors) total += tensor.nbytes();

  Bytes bytes(total);
  auto* target = bytes.data();
  const auto append = [&](const void* source, std::size_t count) {
    if (count > 0) std::memcpy(target, source, count);
    target += count;
  };
  append(&header_bytes, kLengthBytes);
  append(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) append(tensor.data_ptr(), tensor.nbytes());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file(path, serialize_safetensors(file));
}

}  // namespace likeness
