#pragma once

/// Networks that were trained here: weights and their manifest entry side by side in a folder,
/// model.safetensors and model.json. Such a folder is all that another machine needs.
/// Pure functions, safe to call from many threads.
///
///     write_local_model("run", {.entry = entry, .weights = weights}, Precision::half);
///     ModelStore store;
///     const std::string id = store.open("run");  // and FaceEncoder takes this id

#include <filesystem>

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

/// Writes `model` to `folder`, which must exist; fills in file, sha256 and bytes of the entry and
/// returns it. model.json, which names the weights by checksum, comes last: a reader sees the old
/// pair, the new one, or a pair that it refuses. Throws Error(write_failed).
ModelEntry write_local_model(const std::filesystem::path& folder, LocalModel model,
                             Precision precision);

/// The entry in `folder`/model.json with `file` as a path that can be opened.
/// Throws Error: not_found (no such folder, or none that holds a model), corrupt_file.
ModelEntry read_local_model(const std::filesystem::path& folder, const Manifest& others);

}  // namespace likeness
