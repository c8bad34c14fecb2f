/// likeness watch DIR: who is on the photos that arrive in a folder?

#include <algorithm>
#include <chrono>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "command.h"
#include "face_json.h"
#include "folder_events.h"
#include "identify_photos.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct WatchOptions {
  std::string folder;
  double interval = 1;
  bool once = false;
  IdentificationChoice choice;
};

/// Prints one line for each face, or with --json for each photo, and counts.
class Watcher {
 public:
  Watcher(const WatchOptions& options, PhotoIdentifier& identifier, CommandContext& context)
      : options_(options), identifier_(identifier), context_(context) {}

  void look_at(const fs::path& path) {
    if (path.filename().string().starts_with(".") || !has_image_ending(path)) return;
    const PhotoResult photo = identifier_.encode({&path, 1}).front();
    if (photo.failure) return skip(*photo.failure);
    identifier_.refresh();
    const std::vector<Identification> answers = identifier_.identify(photo);
    ++photos_;
    faces_ += answers.size();
    unknown_ += count_unknown(answers);
    if (context_.json)
      print_line(answers_json(photo, answers));
    else
      context_.print(answers_text(photo, answers, options_.choice.unknown_label));
  }

  void summarise() {
    if (context_.json)
      return print_line({{"summary",
                          {{"photos", photos_},
                           {"faces", faces_},
                           {"unknown", unknown_},
                           {"skipped", skipped_}}}});
    context_.print(std::to_string(photos_) + " photos, " + std::to_string(faces_) + " faces, " +
                   std::to_string(unknown_) + " of them nobody's; " + std::to_string(skipped_) +
                   " files skipped\n");
  }
  std::size_t skipped() const { return skipped_; }

 private:
  void skip(const Failure& failure) {
    ++skipped_;
    context_.warn("skipped " + failure.message);
    if (context_.json) print_line(json_of(failure));
  }
  void print_line(const Json& json) {
    context_.print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }

  const WatchOptions& options_;
  PhotoIdentifier& identifier_;
  CommandContext& context_;
  std::size_t photos_ = 0;
  std::size_t faces_ = 0;
  std::size_t unknown_ = 0;
  std::size_t skipped_ = 0;
};

/// What is in the folder already.
void look_once(const WatchOptions& options, Watcher& watcher, const Cancellation& stop) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(options.folder, error), last; !error && entry != last;
       entry.increment(error))
    if (!entry->is_directory()) paths.push_back(entry->path());
  if (error)
    throw Error(ErrorCode::unreadable,
                options.folder + ": the folder cannot be listed: " + error.message());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    if (stop.requested()) return;
    watcher.look_at(path);
  }
}

void look_on(const WatchOptions& options, FolderEvents& events, Watcher& watcher,
             const Cancellation& stop, CommandContext& context) {
  const std::chrono::milliseconds patience(static_cast<int>(options.interval * 1000));
  while (!stop.requested()) {
    const FolderEvents::News news = events.wait(patience);
    if (news.lost) context.warn("more files came at once than could be followed; some are missed");
    for (const fs::path& path : news.files) {
      if (stop.requested()) return;
      watcher.look_at(path);
    }
  }
}

int run_watch(const WatchOptions& options, CommandContext& context) {
  // Before the networks are loaded: what arrives meanwhile is seen too.
  FolderEvents events(options.folder);
  const Cancellation& stop = context.stop_on_interrupt();
  PhotoIdentifier identifier(options.choice, context);
  if (!context.json && !context.quiet)
    context.print(describe(identifier.rule(), identifier.info()) + "\n");
  Watcher watcher(options, identifier, context);
  if (options.once) {
    look_once(options, watcher, stop);
  } else {
    if (!context.json && !context.quiet)
      context.print("waiting for photos in " + options.folder + "; Ctrl-C ends\n");
    look_on(options, events, watcher, stop, context);
  }
  watcher.summarise();
  return options.once && watcher.skipped() > 0 ? kSomeFailed : kOk;
}

}  // namespace

void add_watch_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "watch",
       .summary = "Who is on the photos that arrive in a folder?",
       .examples = "likeness watch door/\n"
                   "likeness watch door/ --json | jq -r .path    one JSON object a line\n"
                   "Ctrl-C ends it with a summary and exit code 0."},
      [options, &context] { return run_watch(*options, context); });
  command
      .add_option("DIR", options->folder,
                  "Local folder (not those below it). A photo is read when its writer has closed "
                  "it or moved it here; hidden files and other endings are passed over")
      ->required();
  command
      .add_option("--interval", options->interval,
                  "Longest wait before Ctrl-C is looked for again; photos are seen at once")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  command.add_flag("--once", options->once, "Identify the photos that are there now, then end");
  add_identification_options(command, options->choice);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
