#include "gallery_people.h"

#include <cstdint>
#include <memory>
#include <string>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/gallery.h>

#include "face_json.h"
#include "gallery_action.h"
#include "gallery_choice.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

struct PeopleOptions {
  GalleryChoice gallery;
  std::string name;
  std::string new_name;
  std::int64_t example = 0;
};

using SharedOptions = std::shared_ptr<PeopleOptions>;

int list_people(const PeopleOptions& options, CommandContext& context) {
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

int show_person(const PeopleOptions& options, CommandContext& context) {
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

int rename_person(const PeopleOptions& options, CommandContext& context) {
  open_gallery(options.gallery)->rename(options.name, options.new_name, current_actor());
  if (context.json) context.print_json({{"subject", options.new_name}});
  return kOk;
}

int remove_person(const PeopleOptions& options, CommandContext& context) {
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

void add_name(CLI::App& command, const SharedOptions& options) {
  command.add_option("NAME", options->name, "Who")->required();
}

}  // namespace

void add_people_actions(CLI::App& gallery, CommandContext& context) {
  const auto options = std::make_shared<PeopleOptions>();
  add_gallery_action(
      gallery, context, options,
      {.name = "list", .summary = "Who is enrolled", .examples = "likeness gallery list"},
      list_people);
  add_name(add_gallery_action(gallery, context, options,
                              {.name = "show",
                               .summary = "A person's examples",
                               .examples = "likeness gallery show Anna"},
                              show_person),
           options);
  CLI::App& rename = add_gallery_action(gallery, context, options,
                                        {.name = "rename",
                                         .summary = "Give a person another name",
                                         .examples = "likeness gallery rename Anna 'Anna Smith'"},
                                        rename_person);
  add_name(rename, options);
  rename.add_option("NEW", options->new_name, "The new name")->required();
  CLI::App& remove = add_gallery_action(
      gallery, context, options,
      {.name = "remove",
       .summary = "Erase a person, or one example, for good",
       .examples = "likeness gallery remove Anna\nlikeness gallery remove Anna --example 17"},
      remove_person);
  add_name(remove, options);
  remove.add_option("--example", options->example, "Only this one, as 'show' numbers them")
      ->type_name("ID");
}

}  // namespace likeness::cli
