#include "gallery_choice.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/embedded_gallery.h>
#include <likeness/gallery/shared_gallery.h>
#include <pwd.h>
#include <termios.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// $NAME/likeness, or ~/FALLBACK/likeness.
fs::path own_folder(const char* name, const char* fallback) {
  if (const std::string base = variable(name); !base.empty()) return fs::path(base) / "likeness";
  const std::string home = variable("HOME");
  if (home.empty())
    throw Error(ErrorCode::not_found, std::string("neither $") + name +
                                          " nor $HOME is set: say where the gallery is with "
                                          "--gallery and --key-file");
  return fs::path(home) / fallback / "likeness";
}

fs::path key_path(const GalleryChoice& choice) {
  if (!choice.key_file.empty()) return choice.key_file;
  if (const std::string path = variable("LIKENESS_KEY_FILE"); !path.empty()) return path;
  return own_folder("XDG_CONFIG_HOME", ".config") / "gallery.key";
}

/// Keeps the terminal from showing what is typed.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_ = {};
  bool changed_ = false;
};

GalleryKey asked_passphrase(const GalleryChoice& choice) {
  if (const std::string text = variable(choice.passphrase_variable); !text.empty())
    return GalleryKey::passphrase(text);
  if (::isatty(STDIN_FILENO) == 0)
    throw Error(ErrorCode::wrong_key, std::string("a passphrase is needed: set $") +
                                          choice.passphrase_variable +
                                          ", or run this in a terminal to be asked for it");
  std::cerr << "Passphrase of the gallery: " << std::flush;
  std::string text;
  {
    const SilentTerminal silent;
    std::getline(std::cin, text);
  }
  std::cerr << '\n';
  return GalleryKey::passphrase(text);
}

GalleryKey key_for(const GalleryChoice& choice, const fs::path& gallery) {
  switch (embedded_gallery_protection(gallery)) {
    case GalleryKey::Kind::none:
      return {};
    case GalleryKey::Kind::passphrase:
      return asked_passphrase(choice);
    default:
      break;
  }
  const fs::path path = key_path(choice);
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw Error(ErrorCode::wrong_key, gallery.string() +
                                          ": is encrypted with a key file, and there is none at " +
                                          path.string() + "; say where it is with --key-file");
  return read_key_file(path);
}

}  // namespace

GalleryKey gallery_key(const GalleryChoice& choice) {
  return key_for(choice, gallery_location(choice));
}

void add_gallery_options(CLI::App& command, GalleryChoice& choice) {
  command
      .add_option("--gallery", choice.location,
                  "A file, or postgresql://… (default: $LIKENESS_GALLERY, else people.gallery in "
                  "$XDG_DATA_HOME/likeness)")
      ->type_name("FILE|URL");
  command
      .add_option("--key-file", choice.key_file,
                  "Key that the gallery is encrypted with (default: $LIKENESS_KEY_FILE, else "
                  "gallery.key in $XDG_CONFIG_HOME/likeness)")
      ->type_name("FILE");
}

void add_creation_options(CLI::App& command, GalleryChoice& choice) {
  command.add_flag("--passphrase", choice.passphrase,
                   "Encrypt a new gallery with a passphrase instead of a key file: "
                   "$LIKENESS_PASSPHRASE, or asked for");
  command.add_flag("--no-encryption", choice.no_encryption,
                   "Leave a new gallery in the clear: names and encodings can be read by whoever "
                   "gets the file");
}

std::string gallery_location(const GalleryChoice& choice) {
  if (!choice.location.empty()) return choice.location;
  if (const std::string location = variable("LIKENESS_GALLERY"); !location.empty()) return location;
  return own_folder("XDG_DATA_HOME", ".local/share") / "people.gallery";
}

std::string shown_location(const GalleryChoice& choice) {
  const std::string location = gallery_location(choice);
  if (!is_shared_gallery(location)) return location;
  const std::size_t host = location.find("://") + 3;
  const std::size_t at = location.find('@', host);
  const std::size_t parameters = location.find('?');
  return location.substr(0, host) +
         location.substr(at == std::string::npos ? host : at + 1,
                         parameters == std::string::npos
                             ? std::string::npos
                             : parameters - (at == std::string::npos ? host : at + 1));
}

std::unique_ptr<Gallery> open_gallery(const GalleryChoice& choice) {
  const std::string location = gallery_location(choice);
  if (is_shared_gallery(location)) return open_shared_gallery(location);
  return open_embedded_gallery(location, key_for(choice, location));
}

GalleryKey new_gallery_key(const GalleryChoice& choice, CommandContext& context) {
  if (choice.no_encryption && (choice.passphrase || !choice.key_file.empty()))
    throw Error(ErrorCode::invalid_argument,
                "--no-encryption: goes with neither --passphrase nor --key-file");
  if (choice.no_encryption) return {};
  if (choice.passphrase) return asked_passphrase(choice);
  const fs::path path = key_path(choice);
  std::error_code ignored;
  if (fs::exists(path, ignored)) return read_key_file(path);
  try {
    GalleryKey key = create_key_file(path);
    context.warn("the key of the gallery is in " + path.string() +
                 ": keep a copy in a safe place, without it nobody can open the gallery");
    return key;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
    return read_key_file(path);  // another process was first
  }
}

bool gallery_exists(const GalleryChoice& choice) {
  const std::string location = gallery_location(choice);
  return is_shared_gallery(location) || embedded_gallery_exists(location);
}

std::unique_ptr<Gallery> create_gallery(const GalleryChoice& choice, const GalleryModel& model,
                                        CommandContext& context) {
  create_embedded_gallery(gallery_location(choice), new_gallery_key(choice, context), model);
  return open_gallery(choice);
}

GalleryModel gallery_model(const ModelStore& store, const std::string& model, int dimensions) {
  return {model, weights_fingerprint(store.manifest(), model), dimensions};
}

std::string encoder_of(const GalleryInfo& info, ModelStore& store, const EncoderChoice& choice) {
  const std::string model =
      open_face_encoder(store, choice.model_given ? choice.model : info.model.id);
  if (model != info.model.id ||
      weights_fingerprint(store.manifest(), model) != info.model.fingerprint)
    throw Error(ErrorCode::invalid_argument,
                "the gallery holds encodings of the model " + info.model.id + ", not of " + model +
                    (model == info.model.id ? " with these weights" : "") +
                    "; likeness gallery reencode --model " + model + " changes it");
  return model;
}

std::string current_actor() {
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? "uid " + std::to_string(::geteuid()) : user->pw_name;
}

}  // namespace likeness::cli
