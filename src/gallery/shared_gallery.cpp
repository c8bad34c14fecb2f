#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/shared_gallery.h>

#include "gallery/missing_example.h"
#include "gallery/shared_store.h"
#include "gallery/vector_text.h"

namespace likeness {
namespace {

/// Any number; galleries that are made at the same time wait for one another.
constexpr std::int64_t kCreationLock = 0x4c696b656e657373;

/// Examples that a cursor hands over at once; each may have a crop of some 100 KB.
constexpr int kPiece = 64;

}  // namespace

void create_shared_gallery(const std::string& location, const GalleryModel& model) {
  LIKENESS_CHECK(model.dimensions > 0);
  SharedConnection connection(location);
  const auto make = [&](pqxx::transaction_base& work) {
    work.exec("SELECT pg_advisory_xact_lock(" + std::to_string(kCreationLock) + ")");
    if (!has_shared_schema(work)) return create_shared_schema(work, model);
    check_shared_schema(work, connection.address().name());
    const GalleryModel there = read_shared_meta(work, MetaLock::none).model;
    if (there != model)
      throw Error(ErrorCode::already_exists, "there is a gallery at " +
                                                 connection.address().name() +
                                                 " already, of the model " + in_quotes(there.id) +
                                                 " (" + there.fingerprint + ")");
  };
  connection.change(make, WhenInDoubt::repeat);
}

std::unique_ptr<Gallery> open_shared_gallery(const std::string& location) {
  return std::make_unique<SharedGallery>(location);
}

SharedGallery::SharedGallery(const std::string& location) : connection_(location) {
  connection_.read([&](pqxx::transaction_base& work) {
    if (!has_shared_schema(work))
      throw Error(ErrorCode::not_found, "there is no gallery at " + connection_.address().name() +
                                            "; make one with `likeness gallery init`");
    check_shared_schema(work, connection_.address().name());
  });
}

Example example_from(const pqxx::row& row) {
  return {row[0].as<std::int64_t>(), row[1].c_str(),      row[2].c_str(), row[3].c_str(),
          row[4].as<int>(),          row[5].as<double>(), row[6].c_str(), row[7].as<bool>()};
}

Bytes bytes_from(const pqxx::field& field) {
  if (field.is_null()) return {};
  const pqxx::binarystring bytes(field);
  return {bytes.begin(), bytes.end()};
}

GalleryInfo SharedGallery::info() {
  const std::lock_guard lock(mutex_);
  GalleryInfo info;
  connection_.read([&](pqxx::transaction_base& work) {
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    const pqxx::row row = work.exec1(
        "SELECT (SELECT count(*) FROM likeness.subjects), count(*), count(crop), "
        "(SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relnamespace = 'likeness'::regnamespace AND relkind = 'r') "
        "FROM likeness.examples");
    info.model = meta.model;
    info.subjects = row[0].as<std::int64_t>();
    info.examples = row[1].as<std::int64_t>();
    info.crops = row[2].as<std::int64_t>();
    info.revision = meta.revision;
    info.schema = kSharedSchema;
    info.protection = "server";
    info.bytes = row[3].as<std::int64_t>();
  });
  return info;
}

std::vector<Subject> SharedGallery::subjects() {
  const std::lock_guard lock(mutex_);
  std::vector<Subject> people;
  connection_.read([&](pqxx::transaction_base& work) {
    people.clear();
    for (const pqxx::row row :
         work.exec("SELECT name, count(examples.id), count(crop) FROM likeness.subjects "
                   "LEFT JOIN likeness.examples ON examples.subject = subjects.id "
                   "GROUP BY subjects.id, name ORDER BY name"))
      people.push_back({row[0].c_str(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>()});
  });
  return people;
}

std::vector<Example> SharedGallery::examples(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  std::vector<Example> found;
  connection_.read([&](pqxx::transaction_base& work) {
    found.clear();
    if (work.exec_params("SELECT FROM likeness.subjects WHERE name = $1", subject).empty())
      throw Error(ErrorCode::not_found, in_quotes(subject) + " is not enrolled");
    for (const pqxx::row row : work.exec_params(
             std::string("SELECT ") + kExampleColumns +
                 " FROM likeness.examples JOIN likeness.subjects ON subjects.id = examples.subject "
                 "WHERE subjects.name = $1 ORDER BY examples.id",
             subject))
      found.push_back(example_from(row));
  });
  return found;
}

namespace {

/// Columns as example_from takes them, then encoding and crop.
StoredExample stored_example_from(const pqxx::row& row) {
  return {example_from(row), parse_vector(row[kExampleColumnCount].c_str()),
          bytes_from(row[kExampleColumnCount + 1])};
}

std::string stored_examples_of(const SharedMeta& meta) {
  return std::string("SELECT ") + kExampleColumns +
         ", templates.encoding, examples.crop FROM likeness.examples "
         "JOIN likeness.subjects ON subjects.id = examples.subject "
         "JOIN likeness.templates ON templates.example = examples.id AND templates.model = " +
         std::to_string(meta.model_row);
}

}  // namespace

void SharedGallery::visit(const std::function<void(const StoredExample&)>& visitor) {
  const std::lock_guard lock(mutex_);
  bool begun = false;
  connection_.read([&](pqxx::transaction_base& work) {
    // What the visitor has seen cannot be taken back.
    if (begun)
      throw Error(ErrorCode::unavailable, "the connection to " + connection_.address().name() +
                                              " was lost while the gallery was being read");
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    work.exec("DECLARE visited NO SCROLL CURSOR FOR " + stored_examples_of(meta) +
              " ORDER BY examples.id");
    const std::string fetch = "FETCH " + std::to_string(kPiece) + " FROM visited";
    for (pqxx::result piece = work.exec(fetch); !piece.empty(); piece = work.exec(fetch))
      for (const pqxx::row row : piece) {
        begun = true;
        visitor(stored_example_from(row));
      }
  });
}

bool SharedGallery::has_source(const std::string& subject, const std::string& source_digest) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  connection_.read([&](pqxx::transaction_base& work) {
    found = !work.exec_params(
                     "SELECT FROM likeness.examples JOIN likeness.subjects "
                     "ON subjects.id = examples.subject "
                     "WHERE subjects.name = $1 AND examples.source_digest = $2 LIMIT 1",
                     subject, source_digest)
                 .empty();
  });
  return found;
}

Bytes SharedGallery::crop(std::int64_t example) {
  const std::lock_guard lock(mutex_);
  Bytes crop;
  connection_.read([&](pqxx::transaction_base& work) {
    const pqxx::result found =
        work.exec_params("SELECT crop FROM likeness.examples WHERE id = $1", example);
    if (found.empty()) refuse_unknown_example(example);
    if (found[0][0].is_null()) refuse_missing_crop(example);
    crop = bytes_from(found[0][0]);
  });
  return crop;
}

StoredExample SharedGallery::stored(std::int64_t example) {
  const std::lock_guard lock(mutex_);
  StoredExample stored;
  connection_.read([&](pqxx::transaction_base& work) {
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    const pqxx::result found =
        work.exec_params(stored_examples_of(meta) + " WHERE examples.id = $1", example);
    if (found.empty()) refuse_unknown_example(example);
    stored = stored_example_from(found[0]);
  });
  return stored;
}

}  // namespace likeness
