#include <algorithm>
#include <thread>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "gallery/embedded_gallery.h"
#include "gallery/missing_example.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using sqlite::Statement;
using sqlite::Transaction;
using Lock = std::scoped_lock<std::mutex>;

constexpr std::chrono::seconds kPatience{60};

void require_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(ErrorCode::not_found, path.string() +
                                          ": there is no gallery here; enrol somebody first: "
                                          "likeness enroll NAME PHOTO");
  if (status.type() == fs::file_type::none)
    throw Error(ErrorCode::unreadable, path.string() + ": " + error.message());
  if (!fs::is_regular_file(status))
    throw Error(ErrorCode::unreadable, path.string() + ": is not a file");
}

Bytes wrapped_keys(sqlite::Database& database) {
  // One view of the file: another process may be making the gallery now.
  const Transaction transaction(database, Transaction::Kind::reading);
  if (!has_schema(database))
    throw Error(ErrorCode::unsupported_format,
                database.name() +
                    ": is empty, nobody was enrolled here yet; likeness enroll NAME PHOTO makes a "
                    "gallery of it");
  Statement row = database.prepare("SELECT value FROM meta WHERE key = 'keys'");
  if (!row.step()) throw Error(ErrorCode::corrupt_file, database.name() + ": has lost its keys");
  return row.bytes(0);
}

Vault open_vault(sqlite::Database& database, const GalleryKey& key) {
  try {
    return Vault::open(wrapped_keys(database), key);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::wrong_key) throw;
    throw Error(ErrorCode::wrong_key, database.name() + ": " + error.what());
  }
}

/// The switch to a write-ahead log does not wait for others by itself.
void use_write_ahead_log(sqlite::Database& database) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    try {
      return database.execute("PRAGMA journal_mode = WAL");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unavailable || std::chrono::steady_clock::now() > end) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace

void create_embedded_gallery(const fs::path& path, const GalleryKey& key,
                             const GalleryModel& model) {
  LIKENESS_CHECK(model.dimensions > 0);
  std::error_code ignored;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
  if (!embedded_gallery_exists(path)) {
    sqlite::Database database(path, true, kPatience);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, ignored);
    use_write_ahead_log(database);
    Transaction transaction(database, Transaction::Kind::writing);
    prepare_schema(database);
    if (database.integer("SELECT count(*) FROM models") == 0) {
      const Bytes wrapped = Vault::create(key.kind).wrapped(key);
      database.prepare("INSERT INTO meta(key, value) VALUES ('keys', ?)").bind(wrapped).run();
      database
          .prepare("INSERT INTO models(name, fingerprint, dimensions, in_use) VALUES (?, ?, ?, 1)")
          .bind(std::string_view(model.id))
          .bind(std::string_view(model.fingerprint))
          .bind(static_cast<std::int64_t>(model.dimensions))
          .run();
      transaction.commit();
      return;
    }
  }
  const GalleryModel there = open_embedded_gallery(path, key)->info().model;
  if (there != model)
    throw Error(ErrorCode::already_exists,
                path.string() + ": is a gallery of the model " + there.id + " already");
}

bool embedded_gallery_exists(const fs::path& path) {
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) return false;
  require_file(path);
  sqlite::Database database(path, false, kPatience);
  const Transaction transaction(database, Transaction::Kind::reading);
  return has_schema(database);
}

std::unique_ptr<Gallery> open_embedded_gallery(const fs::path& path, const GalleryKey& key,
                                               std::chrono::milliseconds patience) {
  return std::make_unique<EmbeddedGallery>(path, key, patience);
}

GalleryKey::Kind embedded_gallery_protection(const fs::path& path) {
  require_file(path);
  sqlite::Database database(path, false, kPatience);
  const Bytes wrapped = wrapped_keys(database);
  if (wrapped.empty() || wrapped[0] > 2)
    throw Error(ErrorCode::corrupt_file, path.string() + ": its keys are damaged");
  return static_cast<GalleryKey::Kind>(wrapped[0]);
}

void change_gallery_key(const fs::path& path, const GalleryKey& from, const GalleryKey& to,
                        const std::string& actor) {
  EmbeddedGallery(path, from, kPatience).change_key(to, actor);
}

EmbeddedGallery::EmbeddedGallery(const fs::path& path, const GalleryKey& key,
                                 std::chrono::milliseconds patience)
    : path_(path),
      database_((require_file(path), path), false, patience),
      vault_(open_vault(database_, key)) {}

Bytes EmbeddedGallery::unsealed(const Bytes& cell, const std::string& place) const {
  std::optional<Bytes> value = vault_.unseal(cell, place);
  if (!value)
    throw Error(ErrorCode::corrupt_file, database_.name() + ": " + place +
                                             " was changed or is damaged; likeness gallery "
                                             "audit lists all that is, a backup mends it");
  return *std::move(value);
}

EmbeddedGallery::ModelInUse EmbeddedGallery::model_in_use() {
  Statement row =
      database_.prepare("SELECT id, name, fingerprint, dimensions FROM models WHERE in_use = 1");
  if (!row.step() || row.integer(3) < 1 || row.integer(3) > 65536)
    throw Error(ErrorCode::corrupt_file, database_.name() + ": does not say which model it is of");
  return {row.integer(0), {row.text(1), row.text(2), static_cast<int>(row.integer(3))}};
}

std::int64_t EmbeddedGallery::revision() {
  return database_.integer(
      "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta "
      "WHERE key = 'revision'");
}

std::string EmbeddedGallery::subject_name(std::int64_t id) {
  Statement row = database_.prepare("SELECT name_key, name FROM subjects WHERE id = ?");
  if (!row.bind(id).step())
    throw Error(ErrorCode::corrupt_file, database_.name() + ": an example belongs to nobody");
  const Bytes name = unsealed(row.bytes(1), name_place(row.bytes(0)));
  return {name.begin(), name.end()};
}

std::optional<std::int64_t> EmbeddedGallery::find_subject(const std::string& name) {
  const Vault::Hash key = vault_.lookup("name", name);
  Statement row = database_.prepare("SELECT id FROM subjects WHERE name_key = ?");
  if (!row.bind(std::span<const std::uint8_t>(key)).step()) return {};
  return row.integer(0);
}

std::int64_t EmbeddedGallery::need_subject(const std::string& name) {
  if (const auto id = find_subject(name)) return *id;
  throw Error(ErrorCode::not_found, "nobody named " + in_quotes(name) +
                                        " is enrolled; likeness gallery list shows who is");
}

/// Columns id, subject, face, about, crop IS NOT NULL.
Example EmbeddedGallery::example_of(const Statement& row) {
  const std::int64_t id = row.integer(0);
  const ExampleCell cell = example_from_cell(unsealed(row.bytes(3), example_place(id)));
  return {id,
          subject_name(row.integer(1)),
          cell.source,
          cell.source_digest,
          static_cast<int>(row.integer(2)),
          cell.quality,
          cell.enrolled_at,
          row.integer(4) != 0};
}

GalleryInfo EmbeddedGallery::info() {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  return {.model = model_in_use().model,
          .subjects = database_.integer("SELECT count(*) FROM subjects"),
          .examples = database_.integer("SELECT count(*) FROM examples"),
          .crops = database_.integer("SELECT count(crop) FROM examples"),
          .revision = revision(),
          .schema = static_cast<int>(database_.integer("PRAGMA user_version")),
          .protection = std::string(name_of(vault_.kind())),
          .bytes = database_.integer("PRAGMA page_count") * database_.integer("PRAGMA page_size")};
}

std::vector<Subject> EmbeddedGallery::subjects() {
  const Lock lock(mutex_);
  std::vector<Subject> all;
  Statement row = database_.prepare(
      "SELECT name_key, name, count(examples.id), count(examples.crop) FROM subjects "
      "LEFT JOIN examples ON examples.subject = subjects.id GROUP BY subjects.id");
  while (row.step()) {
    const Bytes name = unsealed(row.bytes(1), name_place(row.bytes(0)));
    all.push_back({{name.begin(), name.end()}, row.integer(2), row.integer(3)});
  }
  std::sort(all.begin(), all.end(),
            [](const Subject& a, const Subject& b) { return a.name < b.name; });
  return all;
}

std::vector<Example> EmbeddedGallery::examples(const std::string& subject) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  Statement row = database_.prepare(
      "SELECT id, subject, face, about, crop IS NOT NULL FROM examples WHERE subject = ? "
      "ORDER BY id");
  row.bind(need_subject(subject));
  std::vector<Example> all;
  while (row.step()) all.push_back(example_of(row));
  return all;
}

/// Columns as example_of takes them, then the encoding by `model` and the crop.
StoredExample EmbeddedGallery::stored_example_of(const Statement& row, const ModelInUse& model) {
  StoredExample stored{.example = example_of(row), .encoding = {}, .crop = {}};
  const std::int64_t id = stored.example.id;
  stored.encoding = encoding_from_cell(unsealed(row.bytes(5), encoding_place(id, model.id)),
                                       model.model.dimensions);
  if (!row.is_null(6)) stored.crop = unsealed(row.bytes(6), crop_place(id));
  return stored;
}

void EmbeddedGallery::visit(const std::function<void(const StoredExample&)>& visitor) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  const ModelInUse model = model_in_use();
  Statement row = database_.prepare(
      "SELECT id, subject, face, about, crop IS NOT NULL, encoding, crop FROM examples "
      "JOIN encodings ON encodings.example = id AND model = ? ORDER BY id");
  row.bind(model.id);
  while (row.step()) visitor(stored_example_of(row, model));
}

StoredExample EmbeddedGallery::stored(std::int64_t example) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  const ModelInUse model = model_in_use();
  Statement row = database_.prepare(
      "SELECT id, subject, face, about, crop IS NOT NULL, encoding, crop FROM examples "
      "JOIN encodings ON encodings.example = id AND model = ? WHERE id = ?");
  if (!row.bind(model.id).bind(example).step()) refuse_unknown_example(example);
  return stored_example_of(row, model);
}

bool EmbeddedGallery::has_source(const std::string& subject, const std::string& source_digest) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  const auto id = find_subject(subject);
  if (!id) return false;
  const Vault::Hash key = vault_.lookup("digest", source_digest);
  Statement row =
      database_.prepare("SELECT 1 FROM examples WHERE subject = ? AND digest_key = ? LIMIT 1");
  return row.bind(*id).bind(std::span<const std::uint8_t>(key)).step();
}

Bytes EmbeddedGallery::crop(std::int64_t example) {
  const Lock lock(mutex_);
  Statement row = database_.prepare("SELECT crop FROM examples WHERE id = ?");
  if (!row.bind(example).step()) refuse_unknown_example(example);
  if (row.is_null(0)) refuse_missing_crop(example);
  return unsealed(row.bytes(0), crop_place(example));
}

}  // namespace likeness
