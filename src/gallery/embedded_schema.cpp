#include "gallery/embedded_schema.h"

#include <cstring>

#include <likeness/core/error.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

namespace likeness {
namespace {

/// Version 1. A later version adds its own step below and raises kEmbeddedSchema.
constexpr const char* kTables = R"(
  CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
  CREATE TABLE models(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, fingerprint TEXT NOT NULL,
    dimensions INTEGER NOT NULL, in_use INTEGER NOT NULL, UNIQUE(name, fingerprint)) STRICT;
  CREATE TABLE subjects(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name_key BLOB NOT NULL UNIQUE, name BLOB NOT NULL) STRICT;
  CREATE TABLE examples(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER NOT NULL REFERENCES subjects(id),
    digest_key BLOB NOT NULL, face INTEGER NOT NULL,
    about BLOB NOT NULL, crop BLOB, revision INTEGER NOT NULL,
    UNIQUE(subject, digest_key, face)) STRICT;
  CREATE INDEX examples_by_revision ON examples(revision);
  CREATE TABLE encodings(
    example INTEGER NOT NULL REFERENCES examples(id) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models(id),
    encoding BLOB NOT NULL, PRIMARY KEY(example, model)) STRICT;
  CREATE TABLE removed(example INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
  CREATE INDEX removed_by_revision ON removed(revision);
  CREATE TABLE audit(
    sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
  INSERT INTO meta(key, value) VALUES ('revision', x'30');
  PRAGMA application_id = 1280003667;
  PRAGMA user_version = 1;
)";

}  // namespace

bool has_schema(sqlite::Database& database) {
  const std::int64_t application = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (application == 0 && version == 0 &&
      database.integer("SELECT count(*) FROM sqlite_master") == 0)
    return false;
  if (application != kApplicationId || version < 1)
    throw Error(ErrorCode::unsupported_format,
                database.name() + ": is another program's database, not a gallery");
  if (version > kEmbeddedSchema)
    throw Error(ErrorCode::unsupported_format,
                database.name() + ": was written by a newer Likeness (tables of version " +
                    std::to_string(version) + ", this one knows up to " +
                    std::to_string(kEmbeddedSchema) + "); update Likeness");
  return true;
}

void prepare_schema(sqlite::Database& database) {
  if (!has_schema(database)) database.execute(kTables);
}

Bytes to_cell(const ExampleCell& cell) {
  const nlohmann::json json = {cell.source, cell.source_digest, cell.quality, cell.enrolled_at};
  return nlohmann::json::to_cbor(json);
}

ExampleCell example_from_cell(std::span<const std::uint8_t> cell) {
  try {
    const nlohmann::json json = nlohmann::json::from_cbor(cell.begin(), cell.end());
    return {json.at(0), json.at(1), json.at(2), json.at(3)};
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::corrupt_file, "an example of the gallery cannot be read");
  }
}

Bytes to_cell(std::span<const float> encoding) {
  Bytes cell(encoding.size_bytes());
  std::memcpy(cell.data(), encoding.data(), cell.size());
  return cell;
}

Encoding encoding_from_cell(std::span<const std::uint8_t> cell, int dimensions) {
  Encoding encoding(static_cast<std::size_t>(dimensions));
  if (cell.size() != encoding.size() * sizeof(float))
    throw Error(ErrorCode::corrupt_file, "an encoding of the gallery has another size than " +
                                             std::to_string(dimensions) + " numbers");
  std::memcpy(encoding.data(), cell.data(), cell.size());
  return encoding;
}

std::string name_place(std::span<const std::uint8_t> name_key) {
  return "name " + to_hex(name_key);
}

std::string example_place(std::int64_t id) {
  return "example " + std::to_string(id);
}

std::string crop_place(std::int64_t id) {
  return "crop " + std::to_string(id);
}

std::string encoding_place(std::int64_t example, std::int64_t model) {
  return "encoding " + std::to_string(example) + " " + std::to_string(model);
}

std::string chained_text(const AuditEntry& entry) {
  return nlohmann::json(
             {entry.sequence, entry.time, entry.actor, entry.action, entry.subject, entry.detail})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace likeness
