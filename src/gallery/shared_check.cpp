#include "gallery/shared_store.h"

namespace likeness {
namespace {

/// Faults of one kind that are named; a wrecked table has millions.
constexpr int kNamed = 100;

/// One fault for each row of `query`: `before` id `after`.
void add_faults(pqxx::transaction_base& work, std::vector<std::string>& faults,
                const std::string& query, const std::string& before, const std::string& after) {
  for (const pqxx::row row : work.exec(query + " ORDER BY 1 LIMIT " + std::to_string(kNamed)))
    faults.push_back(before + row[0].c_str() + after);
}

void check_people(pqxx::transaction_base& work, std::vector<std::string>& faults) {
  add_faults(work, faults,
             "SELECT id FROM likeness.examples WHERE NOT EXISTS "
             "(SELECT FROM likeness.subjects WHERE id = examples.subject)",
             "example ", " belongs to nobody");
  add_faults(work, faults, "SELECT id FROM likeness.examples WHERE octet_length(crop) = 0",
             "example ", " has an empty crop");
}

void check_encodings(pqxx::transaction_base& work, std::int64_t model,
                     std::vector<std::string>& faults) {
  add_faults(work, faults,
             "SELECT id FROM likeness.examples WHERE NOT EXISTS (SELECT FROM likeness.templates "
             "WHERE example = examples.id AND model = " +
                 std::to_string(model) + ")",
             "example ", " has no encoding");
  add_faults(work, faults,
             "SELECT example FROM likeness.templates WHERE NOT EXISTS "
             "(SELECT FROM likeness.examples WHERE id = templates.example)",
             "the encoding of example ", " has no example");
  add_faults(work, faults,
             "SELECT example FROM likeness.templates JOIN likeness.models "
             "ON models.id = templates.model WHERE vector_dims(encoding) <> dimensions",
             "the encoding of example ", " has another size than its model's");
  add_faults(work, faults,
             "SELECT example FROM likeness.templates "
             "WHERE NOT abs(vector_norm(encoding) - 1) < 0.01",
             "the encoding of example ", " is not of length 1");
}

}  // namespace

std::vector<AuditEntry> SharedGallery::audit_log() {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEntry> entries;
  connection_.read([&](pqxx::transaction_base& work) { entries = read_audit(work); });
  return entries;
}

GalleryCheck SharedGallery::check() {
  const std::lock_guard lock(mutex_);
  GalleryCheck result;
  connection_.read([&](pqxx::transaction_base& work) {
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    const std::vector<AuditEntry> entries = read_audit(work);
    result.faults = check_audit(meta, entries);
    result.audit_entries = static_cast<std::int64_t>(entries.size());
    result.examples = work.exec1("SELECT count(*) FROM likeness.examples")[0].as<std::int64_t>();
    check_people(work, result.faults);
    check_encodings(work, meta.model_row, result.faults);
  });
  return result;
}

}  // namespace likeness
