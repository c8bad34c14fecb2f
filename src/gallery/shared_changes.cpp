#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "gallery/missing_example.h"
#include "gallery/shared_store.h"
#include "gallery/vector_text.h"

namespace likeness {
namespace {

[[noreturn]] void refuse_unknown(const std::string& subject) {
  throw Error(ErrorCode::not_found, in_quotes(subject) + " is not enrolled");
}

std::string example_count(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " example" : " examples");
}

struct SubjectRow {
  std::int64_t id = 0;
  bool is_new = false;
};

SubjectRow subject_row(pqxx::transaction_base& work, const std::string& name) {
  const bool is_new =
      work.exec_params("INSERT INTO likeness.subjects (name) VALUES ($1) ON CONFLICT DO NOTHING",
                       name)
          .affected_rows() == 1;
  return {work.exec_params1("SELECT id FROM likeness.subjects WHERE name = $1", name)[0]
              .as<std::int64_t>(),
          is_new};
}

/// Returns whether the example was new.
bool add_example(pqxx::transaction_base& work, std::int64_t subject, std::int64_t model,
                 const NewExample& example, const std::string& now) {
  const pqxx::binarystring crop(example.crop.data(), example.crop.size());
  return work.exec_params(
                 "WITH added AS (INSERT INTO likeness.examples "
                 "(subject, source, source_digest, face, quality, enrolled_at, crop) VALUES "
                 "($1, $2, $3, $4, $5, $6::timestamptz, nullif($7::bytea, ''::bytea)) "
                 "ON CONFLICT DO NOTHING RETURNING id) "
                 "INSERT INTO likeness.templates (example, model, encoding) "
                 "SELECT id, $8, $9::vector FROM added",
                 subject, example.source, example.source_digest, example.face, example.quality, now,
                 crop, model, vector_text(example.encoding))
             .affected_rows() == 1;
}

}  // namespace

std::int64_t SharedGallery::enroll(std::span<const Enrolment> enrolments,
                                   const std::string& actor) {
  const std::lock_guard lock(mutex_);
  std::int64_t total = 0;
  const auto add_all = [&](pqxx::transaction_base& work) {
    total = 0;
    bool changed = false;
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    check_enrolments(enrolments, meta.model);
    const std::string now = utc_now();
    for (const Enrolment& enrolment : enrolments) {
      const SubjectRow subject = subject_row(work, enrolment.subject);
      std::int64_t added = 0;
      for (const NewExample& example : enrolment.examples)
        added += add_example(work, subject.id, meta.model_row, example, now) ? 1 : 0;
      if (!subject.is_new && added == 0) continue;
      append_audit(work, meta, actor, "enroll", shared_pseudonym(meta, enrolment.subject),
                   example_count(added));
      total += added;
      changed = true;
    }
    if (!changed) return;
    ++meta.revision;
    write_shared_meta(work, meta);
  };
  // What is there already is left out, so that a repetition adds nothing twice.
  connection_.change(add_all, WhenInDoubt::repeat);
  return total;
}

void SharedGallery::rename(const std::string& from, const std::string& to,
                           const std::string& actor) {
  check_subject_name(to);
  const std::lock_guard lock(mutex_);
  connection_.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    const auto is_enrolled = [&](const std::string& name) {
      return !work.exec_params("SELECT FROM likeness.subjects WHERE name = $1", name).empty();
    };
    if (!is_enrolled(from)) refuse_unknown(from);
    if (from == to) return;
    if (is_enrolled(to))
      throw Error(ErrorCode::already_exists, in_quotes(to) + " is enrolled already");
    work.exec_params("UPDATE likeness.subjects SET name = $2 WHERE name = $1", from, to);
    append_audit(work, meta, actor, "rename", shared_pseudonym(meta, from),
                 "is now " + shared_pseudonym(meta, to));
    ++meta.revision;
    write_shared_meta(work, meta);
  });
}

std::int64_t SharedGallery::remove(const std::string& subject, const std::string& actor) {
  const std::lock_guard lock(mutex_);
  std::int64_t count = 0;
  connection_.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    count = static_cast<std::int64_t>(
        work.exec_params("DELETE FROM likeness.examples USING likeness.subjects "
                         "WHERE subjects.id = examples.subject AND subjects.name = $1",
                         subject)
            .affected_rows());
    if (work.exec_params("DELETE FROM likeness.subjects WHERE name = $1", subject)
            .affected_rows() == 0)
      refuse_unknown(subject);
    append_audit(work, meta, actor, "remove", shared_pseudonym(meta, subject),
                 example_count(count));
    ++meta.revision;
    write_shared_meta(work, meta);
  });
  return count;
}

void SharedGallery::remove_example(std::int64_t id, const std::string& actor) {
  const std::lock_guard lock(mutex_);
  connection_.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    const pqxx::result found = work.exec_params(
        "SELECT subjects.id, subjects.name FROM likeness.examples "
        "JOIN likeness.subjects ON subjects.id = examples.subject WHERE examples.id = $1",
        id);
    if (found.empty()) refuse_unknown_example(id);
    work.exec_params("DELETE FROM likeness.examples WHERE id = $1", id);
    work.exec_params(
        "DELETE FROM likeness.subjects WHERE id = $1 "
        "AND NOT EXISTS (SELECT FROM likeness.examples WHERE subject = $1)",
        found[0][0].as<std::int64_t>());
    append_audit(work, meta, actor, "remove", shared_pseudonym(meta, found[0][1].c_str()),
                 "example " + std::to_string(id));
    ++meta.revision;
    write_shared_meta(work, meta);
  });
}

std::string SharedGallery::pseudonym(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  std::string result;
  connection_.read([&](pqxx::transaction_base& work) {
    result = shared_pseudonym(read_shared_meta(work, MetaLock::none), subject);
  });
  return result;
}

void SharedGallery::record(const std::string& actor, const std::string& action,
                           const std::string& subject, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  connection_.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    append_audit(work, meta, actor, action, subject.empty() ? "" : shared_pseudonym(meta, subject),
                 detail);
    write_shared_meta(work, meta);
  });
}

}  // namespace likeness
