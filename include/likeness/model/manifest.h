#pragma once

/// The list of networks that Likeness can use: where each comes from, its licence, what it takes in
/// and how good it was measured to be. The text (models/manifest.json) is compiled in.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

/// One file inside a source package.
struct SourceFile {
  std::string path;    ///< inside the package
  std::string sha256;  ///< lower-case hexadecimal
  std::int64_t bytes = 0;
};

/// A pinned npm package.
struct ModelSource {
  std::string package;
  std::string version;
  std::vector<SourceFile> files;
};

struct ModelEntry {
  std::string id;    ///< for example "mobilefacenet"
  std::string task;  ///< "face encoder", "face detector", "face landmarks"
  std::string summary;
  std::string licence;
  std::string input;    ///< the input contract, for people
  std::string quality;  ///< measured, for people; names the command that prints it; may be empty
  std::optional<ModelSource> source;
  std::string converter;           ///< for convert_weights
  std::string sha256;              ///< of the converted safetensors file in the cache
  std::int64_t bytes = 0;          ///< of that file
  std::vector<std::string> parts;  ///< a combination of other entries has no file of its own
  std::vector<double> shares;      ///< of the parts in its squared distance; they sum to 1
};

struct Manifest {
  std::vector<ModelEntry> models;
  /// Throws Error(not_found) that lists the known ids.
  const ModelEntry& find(std::string_view id) const;
};

/// Throws Error(corrupt_file) naming the entry and field that is wrong: every field is checked, and
/// unknown ones are refused. `name` stands for the text in errors.
Manifest parse_manifest(std::string_view json, const std::string& name);

/// Tells the weights of `id` from other weights under the same name: eight digits of the checksum,
/// of each part for a combination, joined by "+". Throws Error(not_found) for an unknown id.
std::string weights_fingerprint(const Manifest& manifest, std::string_view id);

/// The manifest that was compiled in.
const Manifest& builtin_manifest();

}  // namespace likeness
