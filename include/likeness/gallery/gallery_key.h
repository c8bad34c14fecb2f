#pragma once

/// What opens an encrypted gallery: a key file, or a passphrase.
///
///     const GalleryKey key = read_key_file("gallery.key");
///     const GalleryKey other = GalleryKey::passphrase("correct horse battery staple");

#include <filesystem>
#include <string>

#include <likeness/core/files.h>

namespace likeness {

struct GalleryKey {
  enum class Kind { none, key_file, passphrase };
  Kind kind = Kind::none;
  /// The 32 bytes of a key file, or the passphrase; empty without encryption.
  Bytes secret = {};

  static GalleryKey passphrase(const std::string& text);
};

/// The key in `path`: 64 hexadecimal digits. Throws Error: not_found, unreadable, wrong_key when it
/// holds something else, or may be read by others than its owner.
GalleryKey read_key_file(const std::filesystem::path& path);

/// Writes a new random key to `path`, for its owner alone; folders are made. Throws Error:
/// already_exists, write_failed.
GalleryKey create_key_file(const std::filesystem::path& path);

}  // namespace likeness
