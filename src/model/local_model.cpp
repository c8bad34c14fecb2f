#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/local_model.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr char kWeights[] = "model.safetensors";
constexpr char kEntry[] = "model.json";
constexpr char kParts[] = "parts";
constexpr char kCard[] = "model_card.md";
constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;

}  // namespace

ModelEntry write_local_model(const fs::path& folder, LocalModel model, Precision precision) {
  if (precision == Precision::half)
    for (auto& [name, tensor] : model.weights)
      if (tensor.is_floating_point()) tensor = tensor.to(at::kHalf);
  const Bytes bytes = serialize_safetensors({.tensors = std::move(model.weights)});
  ModelEntry entry = std::move(model.entry);
  entry.file = kWeights;
  entry.sha256 = sha256(bytes);
  entry.bytes = static_cast<std::int64_t>(bytes.size());
  write_file(folder / kWeights, bytes);
  write_file(folder / kCard, model_card(entry));
  write_file(folder / kEntry, to_json(entry));
  entry.file = folder / kWeights;
  return entry;
}

std::vector<fs::path> part_folders(const fs::path& folder) {
  std::vector<fs::path> parts;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(folder / kParts, ignored))
    parts.push_back(item.path());
  std::sort(parts.begin(), parts.end());
  return parts;
}

ModelEntry read_local_model(const fs::path& folder, const Manifest& others) {
  std::error_code ignored;
  const fs::path path = folder / kEntry;
  if (!fs::exists(path, ignored))
    throw Error(ErrorCode::not_found,
                folder.string() + ": " +
                    (fs::is_directory(folder, ignored) ? "no model in this folder (no model.json)"
                                                       : "no such folder"));
  const Bytes bytes = read_file(path, kMaxEntryBytes);
  Manifest manifest = parse_manifest({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                     path.string(), others);
  if (manifest.models.size() != 1 || manifest.models.front().file.empty())
    throw Error(ErrorCode::corrupt_file,
                path.string() + ": holds not one model with a file, which was trained here");
  ModelEntry entry = std::move(manifest.models.front());
  entry.file = folder / entry.file;
  return entry;
}

}  // namespace likeness
