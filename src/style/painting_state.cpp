#include "style/painting_state.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <likeness/core/error.h>

namespace likeness {
namespace {

/// What must be the same is kept under this prefix among the file's metadata.
constexpr char kPainting[] = "painting.";

template <class Number>
Number number(const TensorFile& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  Number value{};
  if (found != file.metadata.end()) {
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value >= 0) return value;
  }
  throw Error(ErrorCode::corrupt_file, name + ": no state of a painting ('" + key + "')");
}

}  // namespace

void write_painting(const std::filesystem::path& path, const PaintingState& state) {
  TensorFile file{.tensors = state.tensors,
                  .metadata = {{"stage", std::to_string(state.stage)},
                               {"stage_iterations", std::to_string(state.stage_iterations)},
                               {"iterations", std::to_string(state.iterations)},
                               {"seconds", std::to_string(state.seconds)}}};
  for (const auto& [key, value] : state.painting) file.metadata[kPainting + key] = value;
  write_safetensors(path, file);
}

PaintingState read_painting(const std::filesystem::path& path,
                            const std::map<std::string, std::string>& painting) {
  TensorFile file = read_safetensors(path);
  const std::string name = path.string();
  PaintingState state{
      .painting = painting,
      .stage = number<std::size_t>(file, "stage", name),
      .stage_iterations = number<int>(file, "stage_iterations", name),
      .iterations = number<int>(file, "iterations", name),
      .seconds = number<double>(file, "seconds", name),
      .tensors = {},
  };
  for (const auto& [key, value] : painting) {
    const auto found = file.metadata.find(kPainting + key);
    if (found == file.metadata.end() || found->second != value)
      throw Error(ErrorCode::invalid_argument,
                  name + ": is of another painting: " + key + " was " +
                      (found == file.metadata.end() ? "not given" : found->second) + ", is " +
                      value + "; leave out --resume to begin anew");
  }
  if (!file.tensors.contains("picture"))
    throw Error(ErrorCode::corrupt_file, name + ": no picture in it");
  state.tensors = std::move(file.tensors);
  return state;
}

void StateKeeper::on_the_way() {
  constexpr double kLargestShare = 0.05;
  if (path_.empty() || every_ <= 0) return;
  if (since_written_.seconds() < std::max(every_, seconds_ / kLargestShare)) return;
  const Timer timer;
  write_painting(path_, state_());
  seconds_ = timer.seconds();
  since_written_ = {};
}

void StateKeeper::at_end(bool stopped) const {
  if (path_.empty()) return;
  if (stopped) {
    write_painting(path_, state_());
    return;
  }
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace likeness
