#include <algorithm>
#include <cmath>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "gallery/shared_store.h"
#include "gallery/vector_text.h"

namespace likeness {
namespace {

void check_encoding(const Encoding& encoding, const GalleryModel& model) {
  double squares = 0;
  for (const float value : encoding) squares += static_cast<double>(value) * value;
  if (encoding.size() != static_cast<std::size_t>(model.dimensions) ||
      !(std::abs(squares - 1) < 1e-2))
    throw Error(ErrorCode::invalid_argument, "an encoding of " + in_quotes(model.id) + " needs " +
                                                 std::to_string(model.dimensions) +
                                                 " numbers and length 1");
}

}  // namespace

std::vector<StoredExample> SharedGallery::waiting_for(const GalleryModel& next, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<StoredExample> waiting;
  connection_.read([&](pqxx::transaction_base& work) {
    waiting.clear();
    for (const pqxx::row row : work.exec_params(
             std::string("SELECT ") + kExampleColumns +
                 ", examples.crop FROM likeness.examples "
                 "JOIN likeness.subjects ON subjects.id = examples.subject "
                 "WHERE examples.crop IS NOT NULL AND NOT EXISTS (SELECT FROM likeness.templates "
                 "JOIN likeness.models ON models.id = templates.model "
                 "WHERE templates.example = examples.id AND models.name = $1 "
                 "AND models.fingerprint = $2 AND models.dimensions = $3) "
                 "ORDER BY examples.id LIMIT $4",
             next.id, next.fingerprint, next.dimensions, std::min(limit, kMostRows)))
      waiting.push_back({example_from(row), {}, bytes_from(row[kExampleColumnCount])});
  });
  return waiting;
}

void SharedGallery::add_encodings(const GalleryModel& next, std::span<const std::int64_t> ids,
                                  std::span<const Encoding> encodings) {
  LIKENESS_CHECK(ids.size() == encodings.size());
  for (const Encoding& encoding : encodings) check_encoding(encoding, next);
  const std::lock_guard lock(mutex_);
  const auto add_all = [&](pqxx::transaction_base& work) {
    // An example that was erased meanwhile needs none.
    read_shared_meta(work, MetaLock::exclusive);
    const std::int64_t row = model_row(work, next);
    for (std::size_t i = 0; i < ids.size(); ++i)
      work.exec_params(
          "INSERT INTO likeness.templates (example, model, encoding) "
          "SELECT id, $2, $3::vector FROM likeness.examples WHERE id = $1 "
          "ON CONFLICT (example, model) DO UPDATE SET encoding = excluded.encoding",
          ids[i], row, vector_text(encodings[i]));
  };
  connection_.change(add_all, WhenInDoubt::repeat);
}

void SharedGallery::change_model(const GalleryModel& next, const std::string& actor) {
  const std::lock_guard lock(mutex_);
  connection_.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    if (meta.model == next) return;
    const std::int64_t row = model_row(work, next);
    const auto missing =
        work.exec_params1(
                "SELECT count(*) FROM likeness.examples WHERE NOT EXISTS (SELECT "
                "FROM likeness.templates WHERE example = examples.id AND model = $1)",
                row)[0]
            .as<std::int64_t>();
    if (missing > 0)
      throw Error(ErrorCode::invalid_argument,
                  std::to_string(missing) + " examples have no encoding of " + in_quotes(next.id) +
                      " yet: encode those with a crop again, enrol or remove the others");
    drop_encoding_index(work, meta.model_row);
    work.exec_params("DELETE FROM likeness.templates WHERE model <> $1", row);
    work.exec_params("UPDATE likeness.meta SET model = $1", row);
    work.exec_params("DELETE FROM likeness.models WHERE id <> $1", row);
    create_encoding_index(work, row, next);
    meta.model_row = row;
    append_audit(work, meta, actor, "reencode", "", meta.model.id + " to " + next.id);
    ++meta.revision;
    write_shared_meta(work, meta);
  });
}

}  // namespace likeness
