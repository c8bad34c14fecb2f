#pragma once

/// Gallery on PostgreSQL, as open_shared_gallery makes it.

#include <mutex>
#include <string>
#include <vector>

#include <likeness/gallery/gallery.h>

#include "gallery/shared_audit.h"
#include "gallery/shared_connection.h"
#include "gallery/shared_schema.h"

namespace likeness {

class SharedGallery : public Gallery {
 public:
  explicit SharedGallery(const std::string& location);

  GalleryInfo info() override;
  std::vector<Subject> subjects() override;
  std::vector<Example> examples(const std::string& subject) override;
  void visit(const std::function<void(const StoredExample&)>& visitor) override;
  bool has_source(const std::string& subject, const std::string& source_digest) override;
  Bytes crop(std::int64_t example) override;
  StoredExample stored(std::int64_t example) override;

  std::int64_t enroll(std::span<const Enrolment> enrolments, const std::string& actor) override;
  void rename(const std::string& from, const std::string& to, const std::string& actor) override;
  std::int64_t remove(const std::string& subject, const std::string& actor) override;
  void remove_example(std::int64_t id, const std::string& actor) override;

  std::vector<Neighbour> nearest(std::span<const float> probe, std::size_t count) override;

  std::vector<StoredExample> waiting_for(const GalleryModel& next, std::size_t limit) override;
  void add_encodings(const GalleryModel& next, std::span<const std::int64_t> ids,
                     std::span<const Encoding> encodings) override;
  void change_model(const GalleryModel& next, const std::string& actor) override;

  std::string pseudonym(const std::string& subject) override;
  void record(const std::string& actor, const std::string& action, const std::string& subject,
              const std::string& detail) override;
  std::vector<AuditEntry> audit_log() override;
  GalleryCheck check() override;

 private:
  std::mutex mutex_;
  SharedConnection connection_;
};

/// Columns of likeness.examples joined with likeness.subjects, as example_from reads them from the
/// beginning of a row.
inline constexpr const char* kExampleColumns =
    "examples.id, subjects.name, examples.source, examples.source_digest, examples.face, "
    "examples.quality, to_char(examples.enrolled_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), examples.crop IS NOT NULL";
inline constexpr int kExampleColumnCount = 8;
Example example_from(const pqxx::row& row);

/// More rows than a gallery has, where a caller's limit is larger than SQL's numbers.
inline constexpr std::size_t kMostRows = 1'000'000'000;

/// A bytea, empty for NULL.
Bytes bytes_from(const pqxx::field& field);

}  // namespace likeness
