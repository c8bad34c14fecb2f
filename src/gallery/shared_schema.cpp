#include "gallery/shared_schema.h"

#include <array>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <sodium.h>

namespace likeness {
namespace {

/// pgvector's longest vector that can be in an HNSW index.
constexpr int kLongestIndexed = 2000;

constexpr const char* kTables = R"(
CREATE SCHEMA IF NOT EXISTS likeness;
CREATE TABLE likeness.models (
  id bigserial PRIMARY KEY,
  name text NOT NULL,
  fingerprint text NOT NULL,
  dimensions integer NOT NULL,
  UNIQUE (name, fingerprint, dimensions));
CREATE TABLE likeness.meta (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  schema integer NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  model bigint NOT NULL REFERENCES likeness.models,
  pseudonym_key text NOT NULL,
  audit_entries bigint NOT NULL DEFAULT 0,
  audit_hash text NOT NULL DEFAULT '');
CREATE TABLE likeness.subjects (
  id bigserial PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE);
CREATE TABLE likeness.examples (
  id bigserial PRIMARY KEY,
  subject bigint NOT NULL REFERENCES likeness.subjects ON DELETE CASCADE,
  source text NOT NULL,
  source_digest text NOT NULL,
  face integer NOT NULL,
  quality double precision NOT NULL,
  enrolled_at timestamptz NOT NULL,
  crop bytea,
  UNIQUE (subject, source_digest, face));
CREATE TABLE likeness.templates (
  example bigint NOT NULL REFERENCES likeness.examples ON DELETE CASCADE,
  model bigint NOT NULL REFERENCES likeness.models,
  encoding vector NOT NULL,
  PRIMARY KEY (example, model));
CREATE TABLE likeness.audit (
  sequence bigint PRIMARY KEY,
  time text NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail text NOT NULL,
  hash text NOT NULL);
)";

std::string random_key() {
  std::array<unsigned char, crypto_generichash_KEYBYTES> key;
  std::array<char, key.size() * 2 + 1> text;
  randombytes_buf(key.data(), key.size());
  sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
  return text.data();
}

void create_extension(pqxx::transaction_base& work) {
  if (work.exec("SELECT FROM pg_available_extensions WHERE name = 'vector'").empty())
    throw Error(ErrorCode::unavailable,
                "the server lacks the extension pgvector, which finds the nearest encodings: "
                "install it there (Debian: package postgresql-15-pgvector, for its version of "
                "PostgreSQL) and try again");
  work.exec("CREATE EXTENSION IF NOT EXISTS vector");
}

}  // namespace

bool has_shared_schema(pqxx::transaction_base& work) {
  return !work.exec1("SELECT to_regclass('likeness.meta')")[0].is_null();
}

void check_shared_schema(pqxx::transaction_base& work, const std::string& name) {
  const int schema = work.exec1("SELECT schema FROM likeness.meta")[0].as<int>();
  if (schema > kSharedSchema)
    throw Error(ErrorCode::unsupported_format,
                "the gallery at " + name + " has tables of version " + std::to_string(schema) +
                    "; this program knows " + std::to_string(kSharedSchema) +
                    ": use a newer Likeness");
}

void create_shared_schema(pqxx::transaction_base& work, const GalleryModel& model) {
  create_extension(work);
  work.exec(kTables);
  const std::int64_t row = model_row(work, model);
  work.exec_params("INSERT INTO likeness.meta (schema, model, pseudonym_key) VALUES ($1, $2, $3)",
                   kSharedSchema, row, random_key());
  create_encoding_index(work, row, model);
}

SharedMeta read_shared_meta(pqxx::transaction_base& work, MetaLock lock) {
  // In a statement of its own: the next one sees what the change before this one left.
  if (lock == MetaLock::exclusive) work.exec("SELECT FROM likeness.meta FOR UPDATE");
  const pqxx::result rows = work.exec(
      "SELECT meta.revision, models.id, models.name, models.fingerprint, models.dimensions, "
      "meta.pseudonym_key, meta.audit_entries, meta.audit_hash "
      "FROM likeness.meta JOIN likeness.models ON models.id = meta.model");
  if (rows.size() != 1)
    throw Error(ErrorCode::corrupt_file, "the gallery's table likeness.meta has no row");
  const pqxx::row row = rows.front();
  SharedMeta meta;
  meta.revision = row[0].as<std::int64_t>();
  meta.model_row = row[1].as<std::int64_t>();
  meta.model = {row[2].as<std::string>(), row[3].as<std::string>(), row[4].as<int>()};
  meta.pseudonym_key = row[5].as<std::string>();
  meta.audit_entries = row[6].as<std::int64_t>();
  meta.audit_hash = row[7].as<std::string>();
  return meta;
}

void write_shared_meta(pqxx::transaction_base& work, const SharedMeta& meta) {
  work.exec_params(
      "UPDATE likeness.meta SET revision = $1, model = $2, audit_entries = $3, audit_hash = $4",
      meta.revision, meta.model_row, meta.audit_entries, meta.audit_hash);
}

std::int64_t model_row(pqxx::transaction_base& work, const GalleryModel& model) {
  work.exec_params(
      "INSERT INTO likeness.models (name, fingerprint, dimensions) SELECT $1, $2, $3::integer "
      "WHERE NOT EXISTS (SELECT FROM likeness.models WHERE name = $1 AND fingerprint = $2 "
      "AND dimensions = $3) ON CONFLICT DO NOTHING",
      model.id, model.fingerprint, model.dimensions);
  return work
      .exec_params1(
          "SELECT id FROM likeness.models WHERE name = $1 AND fingerprint = $2 AND dimensions = $3",
          model.id, model.fingerprint, model.dimensions)[0]
      .as<std::int64_t>();
}

void create_encoding_index(pqxx::transaction_base& work, std::int64_t row,
                           const GalleryModel& model) {
  if (model.dimensions > kLongestIndexed) return;
  const std::string number = std::to_string(row);
  work.exec("CREATE INDEX encodings_of_" + number +
            " ON likeness.templates USING hnsw ((encoding::vector(" +
            std::to_string(model.dimensions) + ")) vector_ip_ops) WHERE model = " + number);
}

void drop_encoding_index(pqxx::transaction_base& work, std::int64_t row) {
  work.exec("DROP INDEX IF EXISTS likeness.encodings_of_" + std::to_string(row));
}

}  // namespace likeness
