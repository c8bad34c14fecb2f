#pragma once

/// A gallery in one encrypted SQLite file, for one machine. Names, sources, encodings and crops are
/// encrypted (XChaCha20-Poly1305); the file shows how many people and examples there are and when
/// they were enrolled, not who. Beside a large gallery lies PATH.index, encrypted too: the graph
/// that searches go by; it may be deleted at any time.
///
///     const GalleryKey key = create_key_file("gallery.key");
///     create_embedded_gallery("people.gallery", key, {.id = "duo", …});
///     const auto gallery = open_embedded_gallery("people.gallery", key);

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include <likeness/gallery/gallery.h>
#include <likeness/gallery/gallery_key.h>

namespace likeness {

/// Makes an empty gallery, from an empty file too (what a process leaves that ends at once, or has
/// not filled yet); nothing happens when the same one is there (another process was first). Safe to
/// call from many processes at once: one makes it, the others wait. Throws Error: already_exists (a
/// gallery of another model, or another file), wrong_key, write_failed.
void create_embedded_gallery(const std::filesystem::path& path, const GalleryKey& key,
                             const GalleryModel& model);

/// False where there is nothing, and for an empty file: nothing that create_embedded_gallery would
/// not make a gallery of. Throws as open_embedded_gallery does.
bool embedded_gallery_exists(const std::filesystem::path& path);

/// `patience`: how long a call waits for other processes before it throws Error(unavailable).
/// Throws Error: not_found, wrong_key, unsupported_format (not a gallery, or of a newer version),
/// corrupt_file. Where writing is not allowed the gallery can be read, and changes throw
/// Error(write_failed).
std::unique_ptr<Gallery> open_embedded_gallery(
    const std::filesystem::path& path, const GalleryKey& key,
    std::chrono::milliseconds patience = std::chrono::seconds(60));

/// How the gallery at `path` is protected. Throws as open_embedded_gallery does.
GalleryKey::Kind embedded_gallery_protection(const std::filesystem::path& path);

/// Encrypts everything anew with fresh keys that `to` opens, all or nothing: the old key opens
/// nothing of it any more. Throws as open_embedded_gallery does.
void change_gallery_key(const std::filesystem::path& path, const GalleryKey& from,
                        const GalleryKey& to, const std::string& actor);

}  // namespace likeness
