#include <charconv>
#include <set>

#include <likeness/core/error.h>
#include <likeness/train/checkpoint.h>

namespace likeness {
namespace {

constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "likeness checkpoint 1";
constexpr char kSettings[] = "settings/";
constexpr char kState[] = "state/";

std::string value_in(const RunSettings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "not set" : "'" + found->second + "'";
}

}  // namespace

const std::string& Checkpoint::text(const std::string& key) const {
  const auto found = state.find(key);
  if (found == state.end())
    throw Error(ErrorCode::corrupt_file, "the checkpoint has no \"" + key + "\"");
  return found->second;
}

std::int64_t Checkpoint::number(const std::string& key) const {
  const std::string& digits = text(key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size())
    throw Error(ErrorCode::corrupt_file,
                "the checkpoint has '" + digits + "' as \"" + key + "\", a whole number is needed");
  return value;
}

TensorMap Checkpoint::below(const std::string& prefix) const {
  TensorMap result;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = tensor;
  return result;
}

void Checkpoint::add(const std::string& prefix, const TensorMap& part) {
  for (const auto& [name, tensor] : part) tensors[prefix + name] = tensor;
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  TensorFile file{.tensors = checkpoint.tensors, .metadata = {{kFormatKey, kFormat}}};
  for (const auto& [key, value] : checkpoint.settings) file.metadata[kSettings + key] = value;
  for (const auto& [key, value] : checkpoint.state) file.metadata[kState + key] = value;
  write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  TensorFile file = read_safetensors(path);
  if (file.metadata[kFormatKey] != kFormat)
    throw Error(ErrorCode::corrupt_file, path.string() + ": is no checkpoint of this version");
  Checkpoint checkpoint;
  checkpoint.tensors = std::move(file.tensors);
  const std::string settings = kSettings;
  const std::string state = kState;
  for (auto& [key, value] : file.metadata) {
    if (key.starts_with(settings)) checkpoint.settings[key.substr(settings.size())] = value;
    if (key.starts_with(state)) checkpoint.state[key.substr(state.size())] = value;
  }
  return checkpoint;
}

void check_same_run(const RunSettings& began_with, const RunSettings& now) {
  std::set<std::string> keys;
  for (const auto& [key, value] : began_with) keys.insert(key);
  for (const auto& [key, value] : now) keys.insert(key);
  std::string differences;
  for (const std::string& key : keys)
    if (value_in(began_with, key) != value_in(now, key))
      differences += (differences.empty() ? "" : "; ") + key + " was " + value_in(began_with, key) +
                     ", is " + value_in(now, key);
  if (!differences.empty())
    throw Error(ErrorCode::invalid_argument,
                "this is another run than the one to resume: " + differences +
                    "; repeat the first command, or choose another --out");
}

}  // namespace likeness
