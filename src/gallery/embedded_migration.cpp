/// Another model, another key: everything is encoded or encrypted anew.

#include <likeness/core/error.h>

#include "gallery/embedded_gallery.h"

namespace likeness {
namespace {

using sqlite::Statement;
using sqlite::Transaction;
using Lock = std::scoped_lock<std::mutex>;

}  // namespace

std::int64_t EmbeddedGallery::model_row(const GalleryModel& model) {
  {
    Statement row =
        database_.prepare("SELECT id, dimensions FROM models WHERE name = ? AND fingerprint = ?");
    row.bind(std::string_view(model.id)).bind(std::string_view(model.fingerprint));
    if (row.step()) {
      LIKENESS_CHECK(row.integer(1) == model.dimensions);
      return row.integer(0);
    }
  }
  database_.prepare("INSERT INTO models(name, fingerprint, dimensions, in_use) VALUES (?, ?, ?, 0)")
      .bind(std::string_view(model.id))
      .bind(std::string_view(model.fingerprint))
      .bind(static_cast<std::int64_t>(model.dimensions))
      .run();
  return database_.last_row();
}

std::vector<StoredExample> EmbeddedGallery::waiting_for(const GalleryModel& next,
                                                        std::size_t limit) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::writing);
  const std::int64_t model = model_row(next);
  std::vector<StoredExample> waiting;
  {
    Statement row = database_.prepare(
        "SELECT id, subject, face, about, crop IS NOT NULL, crop FROM examples "
        "WHERE crop IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM encodings WHERE example = id AND model = ?) ORDER BY id LIMIT ?");
    row.bind(model).bind(static_cast<std::int64_t>(limit));
    while (row.step()) {
      const std::int64_t id = row.integer(0);
      waiting.push_back({example_of(row), {}, unsealed(row.bytes(5), crop_place(id))});
    }
  }
  transaction.commit();
  return waiting;
}

void EmbeddedGallery::add_encodings(const GalleryModel& next, std::span<const std::int64_t> ids,
                                    std::span<const Encoding> encodings) {
  LIKENESS_CHECK(ids.size() == encodings.size());
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::writing);
  const std::int64_t model = model_row(next);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    LIKENESS_CHECK(encodings[i].size() == static_cast<std::size_t>(next.dimensions));
    const Bytes cell = vault_.seal(to_cell(encodings[i]), encoding_place(ids[i], model));
    // An example that was removed meanwhile needs none.
    database_
        .prepare(
            "INSERT OR REPLACE INTO encodings(example, model, encoding) "
            "SELECT id, ?, ? FROM examples WHERE id = ?")
        .bind(model)
        .bind(cell)
        .bind(ids[i])
        .run();
  }
  transaction.commit();
}

void EmbeddedGallery::change_model(const GalleryModel& next, const std::string& actor) {
  const Lock lock(mutex_);
  {
    Transaction transaction(database_, Transaction::Kind::writing);
    const ModelInUse before = model_in_use();
    if (before.model == next) return;
    const std::int64_t model = model_row(next);
    std::int64_t missing = 0;
    {
      Statement row = database_.prepare(
          "SELECT count(*) FROM examples WHERE NOT EXISTS "
          "(SELECT 1 FROM encodings WHERE example = id AND model = ?)");
      if (row.bind(model).step()) missing = row.integer(0);
    }
    if (missing > 0)
      throw Error(ErrorCode::invalid_argument,
                  std::to_string(missing) + " examples cannot be encoded by " + next.id +
                      ": their faces were not kept (--keep-crops); enrol these people anew, or "
                      "remove them");
    database_.prepare("UPDATE models SET in_use = (id = ?)").bind(model).run();
    database_.prepare("DELETE FROM encodings WHERE model <> ?").bind(model).run();
    next_revision();
    add_entry(actor, "reencode", {}, before.model.id + " to " + next.id);
    transaction.commit();
  }
  scrub();
}

void EmbeddedGallery::change_key(const GalleryKey& to, const std::string& actor) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::writing);
  const Vault next = vault_.with_new_cell_key(to.kind);
  const auto reseal = [&](const Bytes& cell, const std::string& place) {
    return next.seal(unsealed(cell, place), place);
  };
  {
    Statement row = database_.prepare("SELECT id, name_key, name FROM subjects");
    while (row.step()) {
      const Bytes name = reseal(row.bytes(2), name_place(row.bytes(1)));
      database_.prepare("UPDATE subjects SET name = ? WHERE id = ?")
          .bind(name)
          .bind(row.integer(0))
          .run();
    }
    Statement example = database_.prepare("SELECT id, about, crop FROM examples");
    while (example.step()) {
      const std::int64_t id = example.integer(0);
      const Bytes about = reseal(example.bytes(1), example_place(id));
      database_.prepare("UPDATE examples SET about = ? WHERE id = ?").bind(about).bind(id).run();
      if (example.is_null(2)) continue;
      const Bytes crop = reseal(example.bytes(2), crop_place(id));
      database_.prepare("UPDATE examples SET crop = ? WHERE id = ?").bind(crop).bind(id).run();
    }
    Statement encoding = database_.prepare("SELECT example, model, encoding FROM encodings");
    while (encoding.step()) {
      const Bytes cell =
          reseal(encoding.bytes(2), encoding_place(encoding.integer(0), encoding.integer(1)));
      database_.prepare("UPDATE encodings SET encoding = ? WHERE example = ? AND model = ?")
          .bind(cell)
          .bind(encoding.integer(0))
          .bind(encoding.integer(1))
          .run();
    }
  }
  const Bytes wrapped = next.wrapped(to);
  database_.prepare("UPDATE meta SET value = ? WHERE key = 'keys'").bind(wrapped).run();
  add_entry(actor, "change-key", {}, std::string(name_of(to.kind)));
  transaction.commit();
  vault_ = next;
  scrub();
}

}  // namespace likeness
