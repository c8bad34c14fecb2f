#pragma once

/// The list of networks that Likeness can use: where each comes from, its licence, what it takes in
/// and how good it was measured to be. The text (models/manifest.json) is compiled in.

#include <cstdint>
#include <filesystem>
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
  /// Which network the weights belong to, and what else it takes to build it ("size": "64"); the
  /// room that runs it knows the words.
  std::string architecture;
  std::map<std::string, std::string> settings;
  std::optional<ModelSource> source;
  std::string converter;           ///< for convert_weights
  std::filesystem::path file;      ///< of a model that was trained here, in place of a source
  std::string sha256;              ///< of the (converted) safetensors file; empty: it has none
  std::int64_t bytes = 0;          ///< of that file
  std::vector<std::string> parts;  ///< the entries that it combines, or whose output it takes in
  std::vector<double> shares;      ///< of the parts in the squared distance; they sum to 1
  /// How many crops of a face the parts see, whose encodings are averaged: 1, or 5 (as it is
  /// aligned, and moved a little to each side).
  int crops = 1;
  /// How it was trained, for people: "data", "command", "seed" and others. Empty for fetched ones.
  std::map<std::string, std::string> training;

  /// False for a combination that consists of its parts alone.
  bool has_weights() const { return !sha256.empty(); }
};

struct Manifest {
  std::vector<ModelEntry> models;
  /// Throws Error(not_found) that lists the known ids.
  const ModelEntry& find(std::string_view id) const;
};

/// Throws Error(corrupt_file) naming the entry and field that is wrong: every field is checked, and
/// unknown ones are refused. `name` stands for the text in errors.
/// Parts are entries with weights of their own, of this text or of `others`.
Manifest parse_manifest(std::string_view json, const std::string& name,
                        const Manifest& others = {});

/// The text of such an entry; parse_manifest gives it back.
std::string to_json(const ModelEntry& entry);

/// Tells the weights of `id` from other weights under the same name: eight digits of the checksums
/// of its own and its parts' files, joined by "+". Throws Error(not_found) for an unknown id.
std::string weights_fingerprint(const Manifest& manifest, std::string_view id);

/// The manifest that was compiled in.
const Manifest& builtin_manifest();

}  // namespace likeness
