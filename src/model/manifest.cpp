#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <embedded/manifest_json.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/model/manifest.h>

#include "model/json.h"
#include "model/json_fields.h"

namespace likeness {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxManifestDepth = 8;

bool consists_of(std::string_view text, std::string_view extra) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || extra.find(c) != extra.npos;
  });
}

/// A name or @scope/name as npm has them; nothing that could be taken for an option or a path.
bool is_package_name(std::string_view text) {
  if (text.starts_with('@')) {
    const auto slash = text.find('/');
    if (slash == text.npos || !is_package_name(text.substr(1, slash - 1))) return false;
    text = text.substr(slash + 1);
  }
  return consists_of(text, "._-") && text[0] != '-' && text[0] != '.';
}

/// One exact version: digits first, no range.
bool is_pinned_version(std::string_view text) {
  return consists_of(text, ".-+") && text[0] >= '0' && text[0] <= '9' &&
         std::count(text.begin(), text.end(), '.') >= 2;
}

bool is_relative_path(std::string_view text) {
  const std::filesystem::path path(text);
  return !text.empty() && path.is_relative() && path.has_filename() &&
         std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

SourceFile parse_file(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  SourceFile file;
  file.path = fields.text("path");
  if (!is_relative_path(file.path)) fields.fail("has the path " + in_quotes(file.path));
  file.sha256 = fields.digest("sha256");
  file.bytes = fields.byte_count("bytes");
  fields.finish();
  return file;
}

ModelSource parse_source(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  ModelSource source;
  source.package = fields.text("package");
  if (!is_package_name(source.package))
    fields.fail("has the package name " + in_quotes(source.package));
  source.version = fields.text("version");
  if (!is_pinned_version(source.version))
    fields.fail("has the version " + in_quotes(source.version) + ", one exact version is needed");
  std::set<std::filesystem::path> names;
  for (const json& file : fields.list("files")) {
    source.files.push_back(parse_file(file, where + " file"));
    // Converters know the files by their last part.
    if (!names.insert(std::filesystem::path(source.files.back().path).filename()).second)
      fields.fail("has two files called " + in_quotes(source.files.back().path));
  }
  fields.finish();
  return source;
}

std::vector<std::string> parse_parts(JsonFields& fields) {
  std::vector<std::string> parts;
  for (const json& part : fields.list("parts")) {
    if (!part.is_string()) fields.fail("has a part that is not a text");
    parts.push_back(part.get<std::string>());
  }
  return parts;
}

std::vector<double> parse_shares(JsonFields& fields, std::size_t parts) {
  std::vector<double> shares;
  double sum = 0;
  for (const json& share : fields.list("shares")) {
    if (!share.is_number() || !(share > 0.0)) fields.fail("has a share that is not above 0");
    shares.push_back(share.get<double>());
    sum += shares.back();
  }
  if (shares.size() != parts || std::abs(sum - 1) > 1e-6)
    fields.fail("needs one share for each part, and shares that sum to 1");
  return shares;
}

int parse_crops(JsonFields& fields) {
  const json* crops = fields.optional("crops");
  if (crops == nullptr) return 1;
  if (*crops != 1 && *crops != 5) fields.fail("has \"crops\" that are neither 1 nor 5");
  return crops->get<int>();
}

std::map<std::string, std::string> parse_texts(JsonFields& fields, const char* key) {
  std::map<std::string, std::string> texts;
  const json* values = fields.optional(key);
  if (values == nullptr) return texts;
  if (!values->is_object()) fields.fail("needs an object of texts as " + in_quotes(key));
  for (const auto& [name, value] : values->items()) {
    if (!value.is_string())
      fields.fail("has a " + std::string(key) + " " + in_quotes(name) + " that is not a text");
    texts[name] = value.get<std::string>();
  }
  return texts;
}

/// Where the weights come from, and how they are used: fetched, trained here, or none of its own.
void parse_weights(JsonFields& fields, ModelEntry& entry) {
  const json* source = fields.optional("source");
  const json* file = fields.optional("file");
  if (source == nullptr && file == nullptr) {
    if (entry.parts.empty()) fields.fail("needs a source, a file or parts");
    return;
  }
  if (source != nullptr && file != nullptr) fields.fail("has both a source and a file");
  if (source != nullptr) {
    entry.source = parse_source(*source, fields.where() + " source");
    entry.converter = fields.text("converter");
  } else {
    entry.file = fields.text("file");
    if (entry.file != entry.file.filename()) fields.fail("has a file outside of its own folder");
    entry.training = parse_texts(fields, "training");
  }
  entry.architecture = fields.optional_text("architecture");
  if (entry.architecture.empty()) entry.architecture = entry.id;
  entry.settings = parse_texts(fields, "settings");
  entry.sha256 = fields.digest("sha256");
  entry.bytes = fields.byte_count("bytes");
}

ModelEntry parse_entry(const json& value, const std::string& name, std::size_t number) {
  JsonFields fields(value, name + ": model " + std::to_string(number));
  ModelEntry entry;
  entry.id = fields.text("id");
  if (!consists_of(entry.id, "_")) fields.fail("has the id " + in_quotes(entry.id));
  fields.call_it(name + ": model " + in_quotes(entry.id));
  entry.task = fields.text("task");
  entry.summary = fields.text("summary");
  entry.licence = fields.text("licence");
  entry.input = fields.text("input");
  entry.quality = fields.optional_text("quality");
  if (fields.optional("parts") != nullptr) {
    entry.parts = parse_parts(fields);
    entry.shares = parse_shares(fields, entry.parts.size());
    entry.crops = parse_crops(fields);
  }
  parse_weights(fields, entry);
  fields.finish();
  return entry;
}

/// Ids are unique, and parts are other entries with a file of their own.
void check_references(const Manifest& manifest, const std::string& name, const Manifest& others) {
  std::set<std::string> ids;
  std::set<std::string> with_file;
  for (const ModelEntry& entry : manifest.models) {
    if (!ids.insert(entry.id).second)
      throw Error(ErrorCode::corrupt_file, name + ": two models have the id '" + entry.id + "'");
    if (entry.parts.empty()) with_file.insert(entry.id);
  }
  for (const ModelEntry& entry : others.models)
    if (entry.parts.empty()) with_file.insert(entry.id);
  for (const ModelEntry& entry : manifest.models)
    for (const std::string& part : entry.parts)
      if (!with_file.contains(part))
        throw Error(ErrorCode::corrupt_file, name + ": model '" + entry.id + "' has the part " +
                                                 in_quotes(part) +
                                                 ", which is no known model with a file");
}

}  // namespace

const ModelEntry& Manifest::find(std::string_view id) const {
  std::string known;
  for (const ModelEntry& entry : models) {
    if (entry.id == id) return entry;
    known += (known.empty() ? "" : ", ") + entry.id;
  }
  throw Error(ErrorCode::not_found, "there is no model " + in_quotes(id) + "; use one of " + known);
}

Manifest parse_manifest(std::string_view text, const std::string& name, const Manifest& others) {
  const json document = parse_json(text, name, kMaxManifestDepth);
  JsonFields fields(document, name + ": the manifest");
  Manifest manifest;
  for (const json& entry : fields.list("models"))
    manifest.models.push_back(parse_entry(entry, name, manifest.models.size() + 1));
  fields.finish();
  check_references(manifest, name, others);
  return manifest;
}

std::string to_json(const ModelEntry& entry) {
  nlohmann::ordered_json json = {{"id", entry.id},
                                 {"task", entry.task},
                                 {"summary", entry.summary},
                                 {"licence", entry.licence},
                                 {"input", entry.input}};
  if (!entry.quality.empty()) json["quality"] = entry.quality;
  if (!entry.parts.empty()) json.update({{"parts", entry.parts}, {"shares", entry.shares}});
  if (entry.crops != 1) json["crops"] = entry.crops;
  if (entry.source) {
    auto files = nlohmann::ordered_json::array();
    for (const SourceFile& file : entry.source->files)
      files.push_back({{"path", file.path}, {"sha256", file.sha256}, {"bytes", file.bytes}});
    json["source"] = {
        {"package", entry.source->package}, {"version", entry.source->version}, {"files", files}};
    json["converter"] = entry.converter;
  }
  if (!entry.file.empty()) json["file"] = entry.file.string();
  if (entry.has_weights()) {
    json["architecture"] = entry.architecture;
    if (!entry.settings.empty()) json["settings"] = entry.settings;
    json["sha256"] = entry.sha256;
    json["bytes"] = entry.bytes;
  }
  if (!entry.training.empty()) json["training"] = entry.training;
  return nlohmann::ordered_json{{"models", {json}}}.dump(
             2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

std::string weights_fingerprint(const Manifest& manifest, std::string_view id) {
  constexpr std::size_t kDigits = 8;
  const ModelEntry& entry = manifest.find(id);
  std::string joined = entry.sha256.substr(0, kDigits);
  for (const std::string& part : entry.parts)
    joined += (joined.empty() ? "" : "+") + weights_fingerprint(manifest, part);
  return joined;
}

const Manifest& builtin_manifest() {
  static const Manifest manifest =
      parse_manifest(embedded::manifest_json(), "models/manifest.json");
  return manifest;
}

}  // namespace likeness
