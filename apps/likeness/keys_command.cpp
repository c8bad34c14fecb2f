/// likeness keys create|list|revoke: who may use the service (likeness serve), and for what.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <likeness/serve/api_keys.h>

#include "command.h"
#include "json.h"

namespace likeness::cli {
namespace {

using serve::ApiKey;
using serve::ApiKeys;

struct KeysOptions {
  std::string file;
  std::string name = "key";
  std::string role;
  std::optional<int> rate;
  std::optional<std::int64_t> quota;
  std::string id;
};

std::filesystem::path file_of(const KeysOptions& options) {
  return options.file.empty() ? serve::default_keys_file() : std::filesystem::path(options.file);
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const ApiKey& key) {
  return {{"id", key.id},
          {"name", key.name},
          {"role", serve::to_string(key.role)},
          {"created_at", key.created_at},
          {"revoked_at", or_null(key.revoked_at)},
          {"rate_per_minute", or_null(key.limits.rate_per_minute)},
          {"daily_quota", or_null(key.limits.daily_quota)}};
}

std::string to_text(const ApiKey& key) {
  const std::string role(serve::to_string(key.role));
  std::string text =
      key.id + "  " + role + std::string(7 - role.size(), ' ') + key.created_at + "  " + key.name;
  if (key.limits.rate_per_minute)
    text += ", " + std::to_string(*key.limits.rate_per_minute) + " a minute";
  if (key.limits.daily_quota) text += ", " + std::to_string(*key.limits.daily_quota) + " a day";
  if (key.revoked_at) text += ", revoked " + *key.revoked_at;
  return text + "\n";
}

int create_key(const KeysOptions& options, CommandContext& context) {
  const serve::Role role = serve::role_from_name(options.role);
  const std::filesystem::path file = file_of(options);
  const serve::NewKey fresh = ApiKeys(file).create(
      options.name, role, {.rate_per_minute = options.rate, .daily_quota = options.quota});
  if (context.json) {
    Json json = to_json(fresh.key);
    json["key"] = fresh.secret;
    json["file"] = file.string();
    context.print_json(json);
    return kOk;
  }
  context.progress().note("key " + fresh.key.id + " (" + options.role + ") is entered in " +
                          file.string() +
                          "; it is shown now and never again. Clients send it as x-api-key.");
  context.print(fresh.secret + "\n");
  return kOk;
}

int list_keys(const KeysOptions& options, CommandContext& context) {
  const std::filesystem::path file = file_of(options);
  Json list = Json::array();
  std::string text;
  for (const ApiKey& key : ApiKeys(file).list()) {
    list.push_back(to_json(key));
    text += to_text(key);
  }
  if (context.json)
    context.print_json({{"file", file.string()}, {"keys", list}});
  else
    context.print(text.empty() ? "no keys in " + file.string() + "\n" : text);
  return kOk;
}

int revoke_key(const KeysOptions& options, CommandContext& context) {
  ApiKeys(file_of(options)).revoke(options.id);
  if (context.json)
    context.print_json({{"id", options.id}, {"revoked", true}});
  else
    context.print(options.id + ": revoked; a running service refuses it from now on\n");
  return kOk;
}

void add_creation(CLI::App& keys, CommandContext& context,
                  const std::shared_ptr<KeysOptions>& options) {
  CLI::App* create = add_command(
      keys, context,
      {.name = "create",
       .summary = "Make a key; it alone is printed to standard output, once",
       .examples = "likeness keys create --role enrol --name 'front desk'\n"
                   "KEY=$(likeness keys create --role read --rate 60 --quota 10000 --quiet)"},
      [options, &context] { return create_key(*options, context); });
  create
      ->add_option("--role", options->role,
                   "read (detect, verify, identify, paint), enrol (and people) or admin (and keys)")
      ->type_name("ROLE")
      ->required();
  create->add_option("--name", options->name, "Whose it is, for lists and logs")
      ->type_name("NAME")
      ->capture_default_str();
  create->add_option("--rate", options->rate, "Requests a minute (default: as the service allows)")
      ->type_name("N");
  create->add_option("--quota", options->quota, "Requests a day, UTC (default: no limit)")
      ->type_name("N");
}

}  // namespace

void add_keys_command(CLI::App& parent, CommandContext& context) {
  CLI::App* command =
      parent.add_subcommand("keys", "Keys of the service: make, list and revoke them");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  likeness keys create --role admin --name anna\n"
      "  likeness keys list\n"
      "  likeness keys revoke 3f9a01c7");
  const auto options = std::make_shared<KeysOptions>();
  add_creation(*command, context, options);
  add_command(*command, context,
              {.name = "list",
               .summary = "All keys that were made, revoked ones too; never the secrets",
               .examples = "likeness keys list\nlikeness keys list --json"},
              [options, &context] { return list_keys(*options, context); });
  add_command(*command, context,
              {.name = "revoke",
               .summary = "Take a key back; a running service refuses it within a second",
               .examples = "likeness keys revoke 3f9a01c7"},
              [options, &context] { return revoke_key(*options, context); })
      ->add_option("ID", options->id, "Its id, as list shows it")
      ->type_name("")
      ->required();
  for (CLI::App* action : command->get_subcommands({}))
    action
        ->add_option("--keys", options->file,
                     "File of the keys (default $LIKENESS_KEYS, else "
                     "$XDG_DATA_HOME/likeness/keys.json, else ~/.local/share/likeness/keys.json)")
        ->type_name("FILE");
}

}  // namespace likeness::cli
