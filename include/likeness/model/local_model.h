#pragma once

/// Networks that were trained here: weights and their manifest entry side by side in a folder,
/// model.safetensors and model.json, with model_card.md for people. Such a folder is all that
/// another machine needs. Pure functions, safe to call from many threads.
///
///     write_local_model("run", {.entry = entry, .weights = weights}, Precision::half);
///     ModelStore store;
///     const std::string id = store.open("run");  // and FaceEncoder takes this id
///
/// A model that stands behind others of this kind has their folders in its own, as parts/ID.

#include <filesystem>
#include <string>
#include <vector>

#include <likeness/model/manifest.h>
#include <likeness/model/safetensors.h>

namespace likeness {

struct LocalModel {
  ModelEntry entry;
  TensorMap weights;
};

enum class Precision {
  full,  ///< float32
  half,  ///< float16: half the size; relative error up to 2^-11
};

/// What a model is, how it was trained, what was measured and what it cannot do (Mitchell et al.
/// 2019, "Model cards for model reporting"), as Markdown.
std::string model_card(const ModelEntry& entry);

/// Writes `model` and its card to `folder`, which must exist; fills in file, sha256 and bytes of
/// the entry and returns it. model.json, which names the weights by checksum, comes last: a reader
/// sees the old pair, the new one, or a pair that it refuses. Throws Error(write_failed).
ModelEntry write_local_model(const std::filesystem::path& folder, LocalModel model,
                             Precision precision);

/// The folders of the parts that `folder` brings along, in the order of their names.
std::vector<std::filesystem::path> part_folders(const std::filesystem::path& folder);

/// The entry in `folder`/model.json with `file` as a path that can be opened.
/// Throws Error: not_found (no such folder, or none that holds a model), corrupt_file.
ModelEntry read_local_model(const std::filesystem::path& folder, const Manifest& others);

}  // namespace likeness
