/// likeness gallery …: what is in a gallery, and looking after it.

#include <memory>
#include <string>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/embedded_gallery.h>
#include <likeness/gallery/shared_gallery.h>

#include "command.h"
#include "face_json.h"
#include "gallery_archive.h"
#include "gallery_choice.h"
#include "gallery_reencode.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct GalleryOptions {
  GalleryChoice gallery;
  EncoderChoice encoder;
  std::string name;
  std::string new_name;
  std::string file;
  std::int64_t example = 0;
  GalleryChoice new_key = {.passphrase_variable = "LIKENESS_NEW_PASSPHRASE"};
};

using Options = std::shared_ptr<GalleryOptions>;

int list_people(const GalleryOptions& options, CommandContext& context) {
  Json people = Json::array();
  std::string text;
  for (const Subject& subject : open_gallery(options.gallery)->subjects()) {
    people.push_back({{"subject", subject.name}, {"examples", subject.examples}});
    text += subject.name + "  (" + std::to_string(subject.examples) +
            (subject.examples == 1 ? " example)\n" : " examples)\n");
  }
  if (context.json)
    context.print_json({{"people", people}});
  else
    context.print(text.empty() ? "nobody is enrolled\n" : text);
  return kOk;
}

int show_person(const GalleryOptions& options, CommandContext& context) {
  Json examples = Json::array();
  std::string text;
  for (const Example& example : open_gallery(options.gallery)->examples(options.name)) {
    examples.push_back({{"id", example.id},
                        {"source", example.source},
                        {"sha256", example.source_digest},
                        {"face", example.face},
                        {"quality", example.quality},
                        {"enrolled_at", example.enrolled_at},
                        {"crop", example.has_crop}});
    text += std::to_string(example.id) + "  " + example.source + "  quality " +
            fixed(example.quality, 2) + ", enrolled " + example.enrolled_at +
            (example.has_crop ? ", picture kept\n" : "\n");
  }
  if (context.json)
    context.print_json({{"subject", options.name}, {"examples", examples}});
  else
    context.print(text);
  return kOk;
}

int rename_person(const GalleryOptions& options, CommandContext& context) {
  open_gallery(options.gallery)->rename(options.name, options.new_name, current_actor());
  if (context.json) context.print_json({{"subject", options.new_name}});
  return kOk;
}

int remove_person(const GalleryOptions& options, CommandContext& context) {
  const std::unique_ptr<Gallery> gallery = open_gallery(options.gallery);
  std::int64_t removed = 1;
  if (options.example == 0) {
    removed = gallery->remove(options.name, current_actor());
  } else {
    bool theirs = false;
    for (const Example& example : gallery->examples(options.name))
      theirs = theirs || example.id == options.example;
    if (!theirs)
      throw Error(ErrorCode::not_found, in_quotes(options.name) + " has no example " +
                                            std::to_string(options.example) +
                                            "; likeness gallery show lists them");
    gallery->remove_example(options.example, current_actor());
  }
  if (context.json)
    context.print_json({{"subject", options.name}, {"removed_examples", removed}});
  else
    context.print("erased " + std::to_string(removed) +
                  (removed == 1 ? " example\n" : " examples\n"));
  return kOk;
}

int print_stats(const GalleryOptions& options, CommandContext& context) {
  const GalleryInfo info = open_gallery(options.gallery)->info();
  if (context.json) {
    context.print_json({{"gallery", shown_location(options.gallery)},
                        {"subjects", info.subjects},
                        {"examples", info.examples},
                        {"crops", info.crops},
                        {"model", info.model.id},
                        {"weights", info.model.fingerprint},
                        {"dimensions", info.model.dimensions},
                        {"protection", info.protection},
                        {"schema", info.schema},
                        {"revision", info.revision},
                        {"bytes", info.bytes}});
    return kOk;
  }
  context.print(shown_location(options.gallery) + "\n  people      " +
                std::to_string(info.subjects) + "\n  examples    " + std::to_string(info.examples) +
                " (" + std::to_string(info.crops) + " with their picture)\n  model       " +
                info.model.id + ", " + std::to_string(info.model.dimensions) +
                " numbers\n  protection  " + info.protection + "\n  size        " +
                std::to_string(info.bytes) + " bytes\n");
  return kOk;
}

int audit(const GalleryOptions& options, CommandContext& context) {
  const std::unique_ptr<Gallery> gallery = open_gallery(options.gallery);
  const GalleryCheck check = gallery->check();
  const std::string pseudonym =
      options.name.empty() ? std::string() : gallery->pseudonym(options.name);
  Json log = Json::array();
  std::string text;
  if (check.faults.empty())
    for (const AuditEntry& entry : gallery->audit_log()) {
      if (!pseudonym.empty() && entry.subject != pseudonym) continue;
      log.push_back({{"sequence", entry.sequence},
                     {"time", entry.time},
                     {"actor", entry.actor},
                     {"action", entry.action},
                     {"subject", entry.subject},
                     {"detail", entry.detail}});
      text += std::to_string(entry.sequence) + "  " + entry.time + "  " + entry.actor + "  " +
              entry.action + "  " + entry.subject + "  " + entry.detail + "\n";
    }
  if (context.json) {
    context.print_json({{"sound", check.faults.empty()},
                        {"faults", check.faults},
                        {"examples", check.examples},
                        {"audit_entries", check.audit_entries},
                        {"log", log}});
  } else {
    context.print(text);
    for (const std::string& fault : check.faults) context.print("FAULT: " + fault + "\n");
    context.print(
        std::to_string(check.examples) + " examples and " + std::to_string(check.audit_entries) +
        " log entries looked at: " +
        (check.faults.empty() ? "all sound\n" : std::to_string(check.faults.size()) + " faults\n"));
  }
  return check.faults.empty() ? kOk : kFailed;
}

int rebuild(const GalleryOptions& options, CommandContext& context) {
  const std::unique_ptr<Gallery> gallery = open_gallery(options.gallery);
  gallery->rebuild_index();
  if (!context.json) context.print("the index is made anew\n");
  return kOk;
}

int init_gallery(const GalleryOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  const std::string location = gallery_location(options.gallery);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const int dimensions = FaceEncoder(store, model, device).dimensions();
  const GalleryModel made = gallery_model(store, model, dimensions);
  if (is_shared_gallery(location))
    create_shared_gallery(location, made);
  else
    create_embedded_gallery(location, new_gallery_key(options.gallery, context), made);
  if (!context.json)
    context.print("a gallery of " + model + " is ready at " + shown_location(options.gallery) +
                  "\n");
  return kOk;
}

int change_key(const GalleryOptions& options, CommandContext& context) {
  const std::string location = gallery_location(options.gallery);
  if (is_shared_gallery(location))
    throw Error(ErrorCode::invalid_argument,
                "a gallery on a server is not encrypted by Likeness; its server is");
  const GalleryKey before = gallery_key(options.gallery);
  const GalleryKey after = new_gallery_key(options.new_key, context);
  change_gallery_key(location, before, after, current_actor());
  if (!context.json) context.print("the gallery is encrypted anew\n");
  return kOk;
}

/// gallery NAME with --gallery and --key-file.
CLI::App& add_action(CLI::App& parent, CommandContext& context, const Options& options,
                     const CommandText& text, int (*run)(const GalleryOptions&, CommandContext&)) {
  CLI::App& command = *add_command(parent, context, text,
                                   [options, run, &context] { return run(*options, context); });
  add_gallery_options(command, options->gallery);
  return command;
}

void add_name(CLI::App& command, const Options& options) {
  command.add_option("NAME", options->name, "Who")->required();
}

void add_people_actions(CLI::App& gallery, CommandContext& context, const Options& options) {
  add_action(gallery, context, options,
             {.name = "list", .summary = "Who is enrolled", .examples = "likeness gallery list"},
             list_people);
  add_name(add_action(gallery, context, options,
                      {.name = "show",
                       .summary = "A person's examples",
                       .examples = "likeness gallery show Anna"},
                      show_person),
           options);
  CLI::App& rename = add_action(gallery, context, options,
                                {.name = "rename",
                                 .summary = "Give a person another name",
                                 .examples = "likeness gallery rename Anna 'Anna Smith'"},
                                rename_person);
  add_name(rename, options);
  rename.add_option("NEW", options->new_name, "The new name")->required();
  CLI::App& remove = add_action(
      gallery, context, options,
      {.name = "remove",
       .summary = "Erase a person, or one example, for good",
       .examples = "likeness gallery remove Anna\nlikeness gallery remove Anna --example 17"},
      remove_person);
  add_name(remove, options);
  remove.add_option("--example", options->example, "Only this one, as 'show' numbers them")
      ->type_name("ID");
}

void add_care_actions(CLI::App& gallery, CommandContext& context, const Options& options) {
  add_action(gallery, context, options,
             {.name = "stats",
              .summary = "How many are enrolled, by which model, how it is protected",
              .examples = "likeness gallery stats --json"},
             print_stats);
  CLI::App& audit_command = add_action(
      gallery, context, options,
      {.name = "audit",
       .summary = "Check every page, cell and log entry; show who did what (exit code 2: faults)",
       .examples = "likeness gallery audit\nlikeness gallery audit --subject Anna"},
      audit);
  audit_command.add_option("--subject", options->name, "Only what was done to this person's data")
      ->type_name("NAME");
  add_action(gallery, context, options,
             {.name = "rebuild",
              .summary = "Make the index anew from what is stored",
              .examples = "likeness gallery rebuild"},
             rebuild);
  CLI::App& init = add_action(
      gallery, context, options,
      {.name = "init",
       .summary = "Make an empty gallery (enroll makes a file by itself; a server needs this once)",
       .examples = "likeness gallery init --gallery "
                   "'postgresql://anna@db.example/people?sslmode=verify-full'"},
      init_gallery);
  add_creation_options(init, options->gallery);
  add_encoder_options(init, options->encoder);
  add_compute_options(init, context);
  CLI::App& key =
      add_action(gallery, context, options,
                 {.name = "change-key",
                  .summary = "Encrypt everything anew; the old key opens nothing any more",
                  .examples = "likeness gallery change-key --new-key-file new.key\n"
                              "likeness gallery change-key --new-passphrase"},
                 change_key);
  key.add_option("--new-key-file", options->new_key.key_file, "Made unless it is there")
      ->type_name("FILE");
  key.add_flag("--new-passphrase", options->new_key.passphrase,
               "$LIKENESS_NEW_PASSPHRASE, or asked for");
  key.add_flag("--no-encryption", options->new_key.no_encryption, "Decrypt it");
}

void add_moving_actions(CLI::App& gallery, CommandContext& context, const Options& options) {
  CLI::App& to =
      add_action(gallery, context, options,
                 {.name = "export",
                  .summary = "Write everybody to a file: one JSON object a line, NOT encrypted",
                  .examples = "likeness gallery export people.jsonl"},
                 [](const GalleryOptions& chosen, CommandContext& where) {
                   return export_gallery(chosen.gallery, chosen.file, where);
                 });
  to.add_option("FILE", options->file, "FILE.jsonl, or - for standard output")->required();
  CLI::App& from =
      add_action(gallery, context, options,
                 {.name = "import",
                  .summary = "Enrol what export wrote; who is there already stays as they are",
                  .examples = "likeness gallery import people.jsonl --gallery other.gallery"},
                 [](const GalleryOptions& chosen, CommandContext& where) {
                   return import_gallery(chosen.gallery, chosen.file, where);
                 });
  from.add_option("FILE", options->file, "FILE.jsonl, or - for standard input")->required();
  add_creation_options(from, options->gallery);
  CLI::App& reencode = add_action(
      gallery, context, options,
      {.name = "reencode",
       .summary = "Change to another model, from the pictures that enroll --keep-crops kept; "
                  "goes on where it was stopped",
       .examples = "likeness gallery reencode --model mobilefacenet"},
      [](const GalleryOptions& chosen, CommandContext& where) {
        return reencode_gallery(chosen.gallery, chosen.encoder, where);
      });
  add_encoder_options(reencode, options->encoder);
  add_compute_options(reencode, context);
}

}  // namespace

void add_gallery_command(CLI::App& parent, CommandContext& context) {
  CLI::App* gallery =
      parent.add_subcommand("gallery", "Who is enrolled: list, rename, erase, check, move");
  gallery->require_subcommand(1);
  const auto options = std::make_shared<GalleryOptions>();
  add_people_actions(*gallery, context, options);
  add_care_actions(*gallery, context, options);
  add_moving_actions(*gallery, context, options);
}

}  // namespace likeness::cli
