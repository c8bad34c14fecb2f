#pragma once

/// The tables of a shared gallery, in schema `likeness`.

#include <cstdint>
#include <string>

#include <likeness/gallery/gallery.h>
#include <pqxx/pqxx>

namespace likeness {

/// Version of the tables that this program makes and reads.
inline constexpr int kSharedSchema = 1;

/// The one row of likeness.meta, with the model in use.
struct SharedMeta {
  std::int64_t revision = 0;
  std::int64_t model_row = 0;  ///< models.id
  GalleryModel model;
  std::string pseudonym_key;  ///< hexadecimal
  std::int64_t audit_entries = 0;
  std::string audit_hash;  ///< of the last entry
};

enum class MetaLock { none, exclusive };

bool has_shared_schema(pqxx::transaction_base& work);
/// Throws Error(unsupported_format) when the tables are of a newer version.
void check_shared_schema(pqxx::transaction_base& work, const std::string& name);
/// Makes the tables, empty. Throws Error(unavailable) without pgvector.
void create_shared_schema(pqxx::transaction_base& work, const GalleryModel& model);

/// exclusive: waits for other changes and keeps them waiting until the transaction ends.
SharedMeta read_shared_meta(pqxx::transaction_base& work, MetaLock lock);
/// Keeps revision, model and head of the audit log; requires the lock.
void write_shared_meta(pqxx::transaction_base& work, const SharedMeta& meta);

/// models.id of `model`, which is added when it is not there.
std::int64_t model_row(pqxx::transaction_base& work, const GalleryModel& model);
/// The graph (HNSW) over the encodings of one model.
void create_encoding_index(pqxx::transaction_base& work, std::int64_t row,
                           const GalleryModel& model);
void drop_encoding_index(pqxx::transaction_base& work, std::int64_t row);

}  // namespace likeness
