/// likeness models list|pull|verify|path|add|remove: the networks, and their weights on this
/// machine.

#include <algorithm>
#include <string>
#include <vector>

#include <likeness/core/error.h>

#include "command.h"
#include "json.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct ModelsOptions {
  std::vector<std::string> ids;
  std::string id;
  std::string folder;  ///< of a model that was trained here
};

const char* to_text(ModelState state) {
  switch (state) {
    case ModelState::present:
      return "present";
    case ModelState::missing:
      return "missing";
    case ModelState::damaged:
      return "damaged";
  }
  return "unknown";
}

/// Package and version, or the parts of a combination.
std::string source_of(const ModelEntry& entry) {
  if (entry.source) return "npm package " + entry.source->package + " " + entry.source->version;
  std::string parts;
  for (const std::string& part : entry.parts) parts += (parts.empty() ? "" : " and ") + part;
  return parts;
}

/// Of its own file, or of its parts' files together.
std::int64_t bytes_of(const ModelEntry& entry, const Manifest& manifest) {
  std::int64_t bytes = entry.bytes;
  for (const std::string& part : entry.parts) bytes += manifest.find(part).bytes;
  return bytes;
}

/// The entries that `ids` name, all of them for "all" and for none at all. Throws
/// Error(not_found).
std::vector<const ModelEntry*> chosen(const Manifest& manifest,
                                      const std::vector<std::string>& ids) {
  std::vector<const ModelEntry*> entries;
  const bool all = ids.empty() || std::find(ids.begin(), ids.end(), "all") != ids.end();
  if (all)
    for (const ModelEntry& entry : manifest.models) entries.push_back(&entry);
  else
    for (const std::string& id : ids) entries.push_back(&manifest.find(id));
  return entries;
}

// list

Json to_json(const ModelEntry& entry, const ModelStatus& status, const Manifest& manifest) {
  Json json = {{"id", entry.id},
               {"task", entry.task},
               {"summary", entry.summary},
               {"state", to_text(status.state)},
               {"bytes", bytes_of(entry, manifest)},
               {"licence", entry.licence},
               {"input", entry.input},
               {"quality", entry.quality}};
  if (entry.source)
    json["source"] = {{"package", entry.source->package}, {"version", entry.source->version}};
  if (!entry.parts.empty())
    json["parts"] = entry.parts;
  else
    json["sha256"] = entry.sha256;
  return json;
}

std::string to_text(const ModelEntry& entry, const ModelStatus& status, const Manifest& manifest) {
  constexpr double kMegabyte = 1e6;
  std::string text = entry.id + "  (" + entry.task + ", " +
                     fixed(static_cast<double>(bytes_of(entry, manifest)) / kMegabyte, 1) +
                     " MB, " + to_text(status.state) + ")\n";
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string("  ") + name + value + "\n";
  };
  line("", entry.summary);
  line("quality  ", entry.quality);
  line("input    ", entry.input);
  line("source   ", source_of(entry));
  line("licence  ", entry.licence);
  return text;
}

int run_list(const ModelsOptions& options, CommandContext& context) {
  const ModelStore store = context.store();
  Json list = Json::array();
  std::string text;
  for (const ModelEntry* entry : chosen(store.manifest(), options.ids)) {
    const ModelStatus status = store.status(entry->id);
    if (context.json)
      list.push_back(to_json(*entry, status, store.manifest()));
    else
      text += (text.empty() ? "" : "\n") + to_text(*entry, status, store.manifest());
  }
  if (context.json)
    context.print_json({{"cache", store.root().string()}, {"models", list}});
  else
    context.print(text + "\nweights are kept in " + store.root().string() + "\n");
  return kOk;
}

// pull, verify

Json to_json(const ModelStatus& status) {
  Json json = {{"id", status.id}, {"state", to_text(status.state)}, {"path", status.path.string()}};
  if (!status.detail.empty()) json["detail"] = status.detail;
  return json;
}

std::string to_text(const ModelStatus& status) {
  std::string text = status.id + ": " + to_text(status.state) + "  " + status.path.string();
  if (!status.detail.empty()) text += " (" + status.detail + ")";
  return text + "\n";
}

/// Every byte of the files is looked at. Combinations are left out: their parts stand for them.
std::vector<ModelStatus> checked(const ModelStore& store,
                                 const std::vector<const ModelEntry*>& entries) {
  std::vector<std::string> ids;
  const auto add = [&](const std::string& id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  for (const ModelEntry* entry : entries) {
    if (entry->parts.empty()) add(entry->id);
    for (const std::string& part : entry->parts) add(part);
  }
  std::vector<ModelStatus> statuses;
  for (const std::string& id : ids) statuses.push_back(store.status(id, true));
  return statuses;
}

void print(const std::vector<ModelStatus>& statuses, CommandContext& context) {
  Json list = Json::array();
  std::string text;
  for (const ModelStatus& status : statuses) {
    list.push_back(to_json(status));
    text += to_text(status);
  }
  if (context.json)
    context.print_json({{"models", list}});
  else
    context.print(text);
}

int run_pull(const ModelsOptions& options, CommandContext& context) {
  const ModelStore store = context.store();
  const auto entries = chosen(store.manifest(), options.ids);
  std::vector<std::string> ids;
  for (const ModelEntry* entry : entries) ids.push_back(entry->id);
  store.pull(ids, context.progress());
  print(checked(store, entries), context);
  return kOk;
}

int run_check(const ModelsOptions& options, CommandContext& context) {
  const ModelStore store = context.store();
  const auto statuses = checked(store, chosen(store.manifest(), options.ids));
  print(statuses, context);
  const bool sound = std::all_of(statuses.begin(), statuses.end(), [](const ModelStatus& status) {
    return status.state == ModelState::present;
  });
  if (!sound) context.warn("'likeness models pull' fetches what is missing or damaged");
  return sound ? kOk : kSomeFailed;
}

// path

int run_path(const ModelsOptions& options, CommandContext& context) {
  const std::string path = context.store().path(options.id).string();
  if (context.json)
    context.print_json({{"id", options.id}, {"path", path}});
  else
    context.print(path + "\n");
  return kOk;
}

// add, remove

int run_add(const ModelsOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string id = store.add(options.folder, options.id);
  const std::string path = store.path(id).string();
  if (context.json)
    context.print_json({{"id", id}, {"path", path}});
  else
    context.print(id + ": added, " + path + "\n  use it  likeness verify A.jpg B.jpg --model " +
                  id + "\n");
  return kOk;
}

int run_remove(const ModelsOptions& options, CommandContext& context) {
  context.store().remove(options.id);
  if (context.json)
    context.print_json({{"id", options.id}, {"removed", true}});
  else
    context.print(options.id + ": removed\n");
  return kOk;
}

}  // namespace

void add_models_command(CLI::App& parent, CommandContext& context) {
  CLI::App* command =
      parent.add_subcommand("models", "Networks: list, fetch and check weights, add own ones");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  likeness models list\n"
      "  likeness models pull all\n"
      "  likeness models verify --json\n"
      "  likeness models add run --id door");
  const auto options = std::make_shared<ModelsOptions>();
  const auto add_for_many = [&](const CommandText& text, auto run) {
    add_command(*command, context, text,
                [options, &context, run] { return run(*options, context); })
        ->add_option("ID", options->ids, "Networks (default: all)")
        ->type_name("");
  };
  add_for_many({.name = "list",
                .summary = "Every network with its source, licence, input and measured quality",
                .examples = "likeness models list\nlikeness models list duo --json"},
               run_list);
  add_for_many({.name = "pull",
                .summary = "Fetch what is missing or damaged; everything else stays as it is",
                .examples = "likeness models pull all\nlikeness models pull mobilefacenet"},
               run_pull);
  add_for_many({.name = "verify",
                .summary = "Compare every byte with the manifest's SHA-256; exit code 1 when "
                           "something is missing or damaged",
                .examples = "likeness models verify\nlikeness models verify duo --json"},
               run_check);
  add_command(*command, context,
              {.name = "path",
               .summary = "Where the weights of a network are kept, whether or not they are there",
               .examples = "likeness models path resnet"},
              [options, &context] { return run_path(*options, context); })
      ->add_option("ID", options->id, "Network")
      ->type_name("")
      ->required();
  CLI::App* add = add_command(
      *command, context,
      {.name = "add",
       .summary = "Keep a copy of a model that was trained here, so that --model ID finds it",
       .examples = "likeness models add run\nlikeness models add run --id door"},
      [options, &context] { return run_add(*options, context); });
  add->add_option("RUN", options->folder, "Folder with model.json and model.safetensors")
      ->type_name("")
      ->required();
  add->add_option("--id", options->id, "Name that it gets (default: its own)")->type_name("ID");
  add_command(*command, context,
              {.name = "remove",
               .summary = "Forget a model that was added; the folder of its run stays",
               .examples = "likeness models remove door"},
              [options, &context] { return run_remove(*options, context); })
      ->add_option("ID", options->id, "Network")
      ->type_name("")
      ->required();
}

}  // namespace likeness::cli
