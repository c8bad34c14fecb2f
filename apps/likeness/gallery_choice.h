#pragma once

/// Which gallery a command works on, and the key that opens it.

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <likeness/gallery/gallery.h>
#include <likeness/gallery/gallery_key.h>
#include <likeness/model/store.h>

#include "command.h"
#include "networks.h"

namespace likeness::cli {

struct GalleryChoice {
  std::string location = {};
  std::string key_file = {};
  bool passphrase = false;
  bool no_encryption = false;
  /// Where a passphrase is looked for before it is asked for.
  const char* passphrase_variable = "LIKENESS_PASSPHRASE";
};

/// --gallery, --key-file, --passphrase.
void add_gallery_options(CLI::App& command, GalleryChoice& choice);
/// --no-encryption, for commands that may make a gallery.
void add_creation_options(CLI::App& command, GalleryChoice& choice);

/// Where `choice` points: --gallery, $LIKENESS_GALLERY, $XDG_DATA_HOME/likeness/people.gallery or
/// ~/.local/share/likeness/people.gallery.
std::string gallery_location(const GalleryChoice& choice);
/// The same for messages: without the password of a connection string.
std::string shown_location(const GalleryChoice& choice);

/// Throws Error as open_embedded_gallery and open_shared_gallery do.
std::unique_ptr<Gallery> open_gallery(const GalleryChoice& choice);
/// False for a file that is not there, or that another process has only begun to make; true for
/// every server. Throws Error as embedded_gallery_exists does.
bool gallery_exists(const GalleryChoice& choice);
/// Makes an empty gallery of `model` in a file and opens it; many processes may do so at once.
/// Throws Error as create_embedded_gallery does.
std::unique_ptr<Gallery> create_gallery(const GalleryChoice& choice, const GalleryModel& model,
                                        CommandContext& context);

/// The key that opens the embedded gallery of `choice`.
GalleryKey gallery_key(const GalleryChoice& choice);
/// The key for a new gallery, or a new key for one: key file, passphrase (asked for, or
/// $LIKENESS_PASSPHRASE), nothing with --no-encryption. A key file that is not there is made.
GalleryKey new_gallery_key(const GalleryChoice& choice, CommandContext& context);

/// Opens the gallery's encoder, or that of --model if it is the same one.
/// Throws Error(invalid_argument), offering reencode, when --model names another.
std::string encoder_of(const GalleryInfo& info, ModelStore& store, const EncoderChoice& choice);
/// The model that encodings of `encoder` carry in a gallery.
GalleryModel gallery_model(const ModelStore& store, const std::string& model, int dimensions);

/// Who is at the keyboard, for the audit log.
std::string current_actor();

}  // namespace likeness::cli
