#include <cmath>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "gallery/embedded_gallery.h"

namespace likeness {
namespace {

using sqlite::Statement;
using sqlite::Transaction;
using Lock = std::scoped_lock<std::mutex>;

AuditEntry entry_of(const Statement& row) {
  return {row.integer(0), row.text(1), row.text(2),         row.text(3),
          row.text(4),    row.text(5), to_hex(row.bytes(6))};
}

constexpr const char* kAllEntries =
    "SELECT sequence, time, actor, action, subject, detail, hash FROM audit ORDER BY sequence";

}  // namespace

std::string EmbeddedGallery::pseudonym(const std::string& subject) {
  return subject.empty() ? std::string() : to_hex(vault_.lookup("audit", subject)).substr(0, 16);
}

void EmbeddedGallery::add_entry(const std::string& actor, const std::string& action,
                                const std::string& subject, const std::string& detail) {
  AuditEntry entry = {0, utc_now(), actor, action, pseudonym(subject), detail, {}};
  Bytes before;
  {
    Statement row =
        database_.prepare("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
    if (row.step()) {
      entry.sequence = row.integer(0);
      before = row.bytes(1);
    }
  }
  ++entry.sequence;
  const Vault::Hash hash = vault_.chain(before, chained_text(entry));
  database_
      .prepare(
          "INSERT INTO audit(sequence, time, actor, action, subject, detail, hash) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(entry.sequence)
      .bind(std::string_view(entry.time))
      .bind(std::string_view(entry.actor))
      .bind(std::string_view(entry.action))
      .bind(std::string_view(entry.subject))
      .bind(std::string_view(entry.detail))
      .bind(std::span<const std::uint8_t>(hash))
      .run();
  // The end is kept apart, so that entries cut off from it are missed.
  database_.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES ('audit', ?)")
      .bind(std::span<const std::uint8_t>(hash))
      .run();
}

void EmbeddedGallery::record(const std::string& actor, const std::string& action,
                             const std::string& subject, const std::string& detail) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::writing);
  add_entry(actor, action, subject, detail);
  transaction.commit();
}

std::vector<AuditEntry> EmbeddedGallery::audit_log() {
  const Lock lock(mutex_);
  std::vector<AuditEntry> log;
  Statement row = database_.prepare(kAllEntries);
  while (row.step()) log.push_back(entry_of(row));
  return log;
}

void EmbeddedGallery::check_cells(GalleryCheck& check) {
  const ModelInUse model = model_in_use();
  const auto inspect = [&](const std::function<void()>& read) {
    try {
      read();
    } catch (const Error& error) {
      check.faults.emplace_back(error.what());
    }
  };
  {
    Statement row = database_.prepare("SELECT id FROM subjects ORDER BY id");
    while (row.step())
      inspect([&] {
        const std::string name = subject_name(row.integer(0));
        if (find_subject(name) != row.integer(0))
          throw Error(ErrorCode::corrupt_file,
                      "person " + std::to_string(row.integer(0)) + " is not found by their name");
      });
  }
  Statement row = database_.prepare(
      "SELECT id, subject, face, about, crop IS NOT NULL, crop, encoding FROM examples "
      "LEFT JOIN encodings ON encodings.example = id AND model = ? ORDER BY id");
  row.bind(model.id);
  while (row.step()) {
    ++check.examples;
    const std::int64_t id = row.integer(0);
    inspect([&] { example_of(row); });
    if (!row.is_null(5)) inspect([&] { unsealed(row.bytes(5), crop_place(id)); });
    inspect([&] {
      if (row.is_null(6))
        throw Error(ErrorCode::corrupt_file,
                    "example " + std::to_string(id) + " has no encoding of " + model.model.id);
      const Encoding encoding = encoding_from_cell(
          unsealed(row.bytes(6), encoding_place(id, model.id)), model.model.dimensions);
      double squares = 0;
      for (const float value : encoding) squares += static_cast<double>(value) * value;
      if (!(std::abs(squares - 1) < 1e-2))
        throw Error(ErrorCode::corrupt_file,
                    "the encoding of example " + std::to_string(id) + " is not of length 1");
    });
  }
}

void EmbeddedGallery::check_chain(GalleryCheck& check) {
  Bytes before;
  {
    Statement row = database_.prepare(kAllEntries);
    while (row.step()) {
      const AuditEntry entry = entry_of(row);
      if (entry.sequence != ++check.audit_entries) {
        check.faults.push_back("the audit log lacks entry " + std::to_string(check.audit_entries));
        return;
      }
      if (entry.hash != to_hex(vault_.chain(before, chained_text(entry)))) {
        check.faults.push_back("the audit log was changed at entry " +
                               std::to_string(entry.sequence));
        return;
      }
      before = row.bytes(6);
    }
  }
  Statement row = database_.prepare("SELECT value FROM meta WHERE key = 'audit'");
  if ((row.step() ? row.bytes(0) : Bytes()) != before)
    check.faults.emplace_back("the audit log was cut off at its end");
}

GalleryCheck EmbeddedGallery::check() {
  const Lock lock(mutex_);
  GalleryCheck check;
  Transaction transaction(database_, Transaction::Kind::reading);
  try {
    {
      Statement row = database_.prepare("PRAGMA integrity_check(20)");
      while (row.step())
        if (const std::string line = row.text(0); line != "ok")
          check.faults.push_back("the file is damaged: " + line);
    }
    Statement row = database_.prepare("PRAGMA foreign_key_check");
    while (row.step()) check.faults.push_back("a row of " + row.text(0) + " belongs to nothing");
  } catch (const Error& error) {
    check.faults.emplace_back(error.what());
  }
  try {
    check_cells(check);
    check_chain(check);
  } catch (const Error& error) {  // a page that cannot be read
    check.faults.emplace_back(error.what());
  }
  return check;
}

}  // namespace likeness
