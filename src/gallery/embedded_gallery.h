#pragma once

/// The embedded gallery: reading in embedded_reading.cpp, changes in embedded_changes.cpp, other
/// models and keys in embedded_migration.cpp, audit in embedded_audit.cpp, search in
/// embedded_search.cpp.

#include <chrono>
#include <filesystem>
#include <mutex>

#include <likeness/gallery/embedded_gallery.h>
#include <likeness/gallery/vector_index.h>

#include "gallery/embedded_schema.h"
#include "gallery/sqlite.h"
#include "gallery/vault.h"

namespace likeness {

class EmbeddedGallery : public Gallery {
 public:
  EmbeddedGallery(const std::filesystem::path& path, const GalleryKey& key,
                  std::chrono::milliseconds patience);

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
  void rebuild_index() override;

  std::vector<StoredExample> waiting_for(const GalleryModel& next, std::size_t limit) override;
  void add_encodings(const GalleryModel& next, std::span<const std::int64_t> ids,
                     std::span<const Encoding> encodings) override;
  void change_model(const GalleryModel& next, const std::string& actor) override;

  std::string pseudonym(const std::string& subject) override;
  void record(const std::string& actor, const std::string& action, const std::string& subject,
              const std::string& detail) override;
  std::vector<AuditEntry> audit_log() override;
  GalleryCheck check() override;

  /// Every cell sealed anew; see change_gallery_key.
  void change_key(const GalleryKey& to, const std::string& actor);

 private:
  struct ModelInUse {
    std::int64_t id = 0;
    GalleryModel model;
  };
  /// What the index knows.
  struct Searchable {
    VectorIndex index;
    std::int64_t model = 0;
    std::int64_t revision = 0;
  };

  ModelInUse model_in_use();
  std::int64_t revision();
  Bytes unsealed(const Bytes& cell, const std::string& place) const;
  std::string subject_name(std::int64_t id);
  std::optional<std::int64_t> find_subject(const std::string& name);
  std::int64_t need_subject(const std::string& name);
  Example example_of(const sqlite::Statement& row);
  StoredExample stored_example_of(const sqlite::Statement& row, const ModelInUse& model);

  std::int64_t next_revision();
  std::int64_t subject_for(const std::string& name);
  std::int64_t add_examples(const Enrolment& enrolment, std::int64_t model, std::int64_t revision);
  void forget(std::int64_t example, std::int64_t revision);
  void add_entry(const std::string& actor, const std::string& action, const std::string& subject,
                 const std::string& detail);
  /// After an erasure: what was freed goes out of the log beside the file too.
  void scrub();
  std::int64_t model_row(const GalleryModel& model);

  void check_cells(GalleryCheck& check);
  void check_chain(GalleryCheck& check);

  void refresh_index();
  void read_index(const ModelInUse& model);
  void follow_changes(const ModelInUse& model, std::int64_t revision);
  std::filesystem::path index_path() const;

  std::filesystem::path path_;
  std::mutex mutex_;
  sqlite::Database database_;
  Vault vault_;
  std::optional<Searchable> searchable_;
};

}  // namespace likeness
