#pragma once

/// A gallery that many machines share: PostgreSQL 15 or newer with the extension pgvector. The
/// server finds neighbours (HNSW index, inner product). Names and encodings are not encrypted here:
/// whoever runs the server protects its disk, and the connection string asks for TLS
/// (sslmode=verify-full). What is erased is gone for every reader at once; its bytes leave the
/// server's files with its VACUUM and its backups with their own end.
///
/// A lost connection is made anew and a change that was not committed is repeated, for about three
/// seconds. Where it was lost during the commit of a change that must not be done twice,
/// Error(unavailable) says that nobody knows whether it was done. A visitor of Gallery::visit must
/// not call the same object.
///
///     create_shared_gallery("postgresql://host/people", {.id = "duo", …});
///     const auto gallery = open_shared_gallery("postgresql://host/people");

#include <memory>
#include <string>

#include <likeness/gallery/gallery.h>

namespace likeness {

/// Whether `location` names a server (postgresql:// or postgres://), not a file.
bool is_shared_gallery(const std::string& location);

/// Makes the tables in schema `likeness` of the database; nothing happens when they are there for
/// the same model. Throws Error: unavailable (no server, after retries; without pgvector, naming
/// the extension and how to install it), already_exists (a gallery of another model),
/// invalid_argument (a connection string that libpq does not understand).
void create_shared_gallery(const std::string& location, const GalleryModel& model);

/// Throws Error: not_found (no tables: says to run `likeness gallery init`), unsupported_format (a
/// newer schema), and as create_shared_gallery. The password never appears in messages.
std::unique_ptr<Gallery> open_shared_gallery(const std::string& location);

}  // namespace likeness
