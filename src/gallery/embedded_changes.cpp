#include <thread>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "gallery/embedded_gallery.h"
#include "gallery/missing_example.h"

namespace likeness {
namespace {

using sqlite::Statement;
using sqlite::Transaction;
using Lock = std::scoped_lock<std::mutex>;

std::span<const std::uint8_t> view(const Vault::Hash& hash) {
  return hash;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::int64_t EmbeddedGallery::next_revision() {
  const std::int64_t next = revision() + 1;
  const std::string text = std::to_string(next);
  database_.prepare("UPDATE meta SET value = CAST(? AS BLOB) WHERE key = 'revision'")
      .bind(std::string_view(text))
      .run();
  return next;
}

std::int64_t EmbeddedGallery::subject_for(const std::string& name) {
  if (const auto id = find_subject(name)) return *id;
  const Vault::Hash key = vault_.lookup("name", name);
  const Bytes cell = vault_.seal({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()},
                                 name_place(key));
  database_.prepare("INSERT INTO subjects(name_key, name) VALUES (?, ?)")
      .bind(view(key))
      .bind(cell)
      .run();
  return database_.last_row();
}

std::int64_t EmbeddedGallery::add_examples(const Enrolment& enrolment, std::int64_t model,
                                           std::int64_t revision) {
  const std::int64_t subject = subject_for(enrolment.subject);
  const std::string now = utc_now();
  std::int64_t added = 0;
  for (const NewExample& example : enrolment.examples) {
    const Vault::Hash digest = vault_.lookup("digest", example.source_digest);
    // The cells are bound to the id, which is known only after the row is there.
    database_
        .prepare(
            "INSERT INTO examples(subject, digest_key, face, about, revision) "
            "VALUES (?, ?, ?, x'', ?) ON CONFLICT(subject, digest_key, face) DO NOTHING")
        .bind(subject)
        .bind(view(digest))
        .bind(static_cast<std::int64_t>(example.face))
        .bind(revision)
        .run();
    if (database_.changed_rows() == 0) continue;
    const std::int64_t id = database_.last_row();
    const Bytes about = vault_.seal(
        to_cell(ExampleCell{example.source, example.source_digest, example.quality, now}),
        example_place(id));
    Bytes crop;
    Statement row = database_.prepare("UPDATE examples SET about = ?, crop = ? WHERE id = ?");
    row.bind(about);
    if (example.crop.empty()) {
      row.bind_null();
    } else {
      crop = vault_.seal(example.crop, crop_place(id));
      row.bind(crop);
    }
    row.bind(id).run();
    const Bytes encoding = vault_.seal(to_cell(example.encoding), encoding_place(id, model));
    database_.prepare("INSERT INTO encodings(example, model, encoding) VALUES (?, ?, ?)")
        .bind(id)
        .bind(model)
        .bind(encoding)
        .run();
    ++added;
  }
  return added;
}

std::int64_t EmbeddedGallery::enroll(std::span<const Enrolment> enrolments,
                                     const std::string& actor) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::writing);
  const ModelInUse model = model_in_use();
  check_enrolments(enrolments, model.model);
  std::int64_t added = 0;
  bool changed = false;
  const std::int64_t revision = next_revision();
  for (const Enrolment& enrolment : enrolments) {
    const bool is_new = !find_subject(enrolment.subject);
    const std::int64_t count = add_examples(enrolment, model.id, revision);
    if (!is_new && count == 0) continue;
    add_entry(actor, "enroll", enrolment.subject, counted(count, "example"));
    added += count;
    changed = true;
  }
  if (changed) transaction.commit();
  return added;
}

void EmbeddedGallery::rename(const std::string& from, const std::string& to,
                             const std::string& actor) {
  check_subject_name(to);
  const Lock lock(mutex_);
  {
    Transaction transaction(database_, Transaction::Kind::writing);
    const std::int64_t id = need_subject(from);
    if (from == to) return;
    if (find_subject(to))
      throw Error(ErrorCode::already_exists,
                  "somebody named " + in_quotes(to) + " is enrolled already; choose another name");
    const Vault::Hash key = vault_.lookup("name", to);
    const Bytes cell =
        vault_.seal({reinterpret_cast<const std::uint8_t*>(to.data()), to.size()}, name_place(key));
    database_.prepare("UPDATE subjects SET name_key = ?, name = ? WHERE id = ?")
        .bind(view(key))
        .bind(cell)
        .bind(id)
        .run();
    next_revision();
    add_entry(actor, "rename", from, "is now " + pseudonym(to));
    transaction.commit();
  }
  scrub();
}

void EmbeddedGallery::forget(std::int64_t example, std::int64_t revision) {
  // Names which encoding every index has to drop, and no more.
  database_.prepare("INSERT INTO removed(example, revision) VALUES (?, ?)")
      .bind(example)
      .bind(revision)
      .run();
  database_.prepare("DELETE FROM examples WHERE id = ?").bind(example).run();
}

std::int64_t EmbeddedGallery::remove(const std::string& subject, const std::string& actor) {
  const Lock lock(mutex_);
  std::vector<std::int64_t> ids;
  {
    Transaction transaction(database_, Transaction::Kind::writing);
    const std::int64_t id = need_subject(subject);
    {
      Statement row = database_.prepare("SELECT id FROM examples WHERE subject = ?");
      row.bind(id);
      while (row.step()) ids.push_back(row.integer(0));
    }
    const std::int64_t revision = next_revision();
    for (const std::int64_t example : ids) forget(example, revision);
    database_.prepare("DELETE FROM subjects WHERE id = ?").bind(id).run();
    add_entry(actor, "remove", subject, counted(static_cast<std::int64_t>(ids.size()), "example"));
    transaction.commit();
  }
  scrub();
  return static_cast<std::int64_t>(ids.size());
}

void EmbeddedGallery::remove_example(std::int64_t id, const std::string& actor) {
  const Lock lock(mutex_);
  {
    Transaction transaction(database_, Transaction::Kind::writing);
    std::int64_t subject = 0;
    {
      Statement row = database_.prepare("SELECT subject FROM examples WHERE id = ?");
      if (!row.bind(id).step()) refuse_unknown_example(id);
      subject = row.integer(0);
    }
    const std::string name = subject_name(subject);
    forget(id, next_revision());
    database_
        .prepare(
            "DELETE FROM subjects WHERE id = ? AND NOT EXISTS "
            "(SELECT 1 FROM examples WHERE subject = subjects.id)")
        .bind(subject)
        .run();
    add_entry(actor, "remove", name, "example " + std::to_string(id));
    transaction.commit();
  }
  scrub();
}

void EmbeddedGallery::scrub() {
  // secure_delete has overwritten the pages; their old content is in the write-ahead log until it
  // is copied back and emptied, which waits for readers.
  for (int tries = 0; tries < 200; ++tries) {
    Statement row = database_.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    if (row.step() && row.integer(0) == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::error_code ignored;
  std::filesystem::remove(index_path(), ignored);
}

}  // namespace likeness
