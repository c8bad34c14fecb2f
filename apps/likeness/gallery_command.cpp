/// likeness gallery …: what is in a gallery, and looking after it.

#include <memory>
#include <string>

#include <likeness/core/error.h>
#include <likeness/gallery/embedded_gallery.h>
#include <likeness/gallery/shared_gallery.h>

#include "command.h"
#include "face_json.h"
#include "gallery_action.h"
#include "gallery_archive.h"
#include "gallery_choice.h"
#include "gallery_people.h"
#include "gallery_reencode.h"

namespace likeness::cli {
namespace {

struct GalleryOptions {
  GalleryChoice gallery;
  EncoderChoice encoder;
  std::string subject;
  std::string file;
  GalleryChoice new_key = {.passphrase_variable = "LIKENESS_NEW_PASSPHRASE"};
};

using Options = std::shared_ptr<GalleryOptions>;

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
      options.subject.empty() ? std::string() : gallery->pseudonym(options.subject);
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

void add_care_actions(CLI::App& gallery, CommandContext& context, const Options& options) {
  add_gallery_action(gallery, context, options,
                     {.name = "stats",
                      .summary = "How many are enrolled, by which model, how it is protected",
                      .examples = "likeness gallery stats --json"},
                     print_stats);
  CLI::App& audit_command = add_gallery_action(
      gallery, context, options,
      {.name = "audit",
       .summary = "Check every page, cell and log entry; show who did what (exit code 2: faults)",
       .examples = "likeness gallery audit\nlikeness gallery audit --subject Anna"},
      audit);
  audit_command
      .add_option("--subject", options->subject, "Only what was done to this person's data")
      ->type_name("NAME");
  add_gallery_action(gallery, context, options,
                     {.name = "rebuild",
                      .summary = "Make the index anew from what is stored",
                      .examples = "likeness gallery rebuild"},
                     rebuild);
  CLI::App& init = add_gallery_action(
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
      add_gallery_action(gallery, context, options,
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
  CLI::App& to = add_gallery_action(
      gallery, context, options,
      {.name = "export",
       .summary = "Write everybody to a file: one JSON object a line, NOT encrypted",
       .examples = "likeness gallery export people.jsonl"},
      [](const GalleryOptions& chosen, CommandContext& where) {
        return export_gallery(chosen.gallery, chosen.file, where);
      });
  to.add_option("FILE", options->file, "FILE.jsonl, or - for standard output")->required();
  CLI::App& from = add_gallery_action(
      gallery, context, options,
      {.name = "import",
       .summary = "Enrol what export wrote; who is there already stays as they are",
       .examples = "likeness gallery import people.jsonl --gallery other.gallery"},
      [](const GalleryOptions& chosen, CommandContext& where) {
        return import_gallery(chosen.gallery, chosen.file, where);
      });
  from.add_option("FILE", options->file, "FILE.jsonl, or - for standard input")->required();
  add_creation_options(from, options->gallery);
  CLI::App& reencode = add_gallery_action(
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
  add_people_actions(*gallery, context);
  add_care_actions(*gallery, context, options);
  add_moving_actions(*gallery, context, options);
}

}  // namespace likeness::cli
