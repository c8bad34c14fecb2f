#include <likeness/core/device.h>
#include <likeness/core/error.h>

#include "gallery/embedded_gallery.h"

namespace likeness {
namespace {

using sqlite::Statement;
using sqlite::Transaction;
using Lock = std::scoped_lock<std::mutex>;

/// Rows that are decrypted before they are given to the index.
constexpr std::size_t kBatch = 4096;

/// Collects encodings and adds them to an index many at a time.
class BatchedEntries {
 public:
  explicit BatchedEntries(VectorIndex& index) : index_(index) {}
  void add(std::int64_t id, const Encoding& encoding) {
    ids_.push_back(id);
    encodings_.insert(encodings_.end(), encoding.begin(), encoding.end());
    if (ids_.size() == kBatch) flush();
  }
  void flush() {
    if (!ids_.empty()) index_.add(ids_, encodings_, core_count());
    ids_.clear();
    encodings_.clear();
  }

 private:
  VectorIndex& index_;
  std::vector<std::int64_t> ids_;
  std::vector<float> encodings_;
};

/// What an index file was made of.
std::string digest_of(const GalleryModel& model, std::int64_t revision) {
  return model.id + " " + model.fingerprint + " " + std::to_string(revision);
}

}  // namespace

std::filesystem::path EmbeddedGallery::index_path() const {
  return path_.string() + ".index";
}

void EmbeddedGallery::follow_changes(const ModelInUse& model, std::int64_t revision) {
  VectorIndex& index = searchable_->index;
  {
    Statement row = database_.prepare("SELECT example FROM removed WHERE revision > ?");
    row.bind(searchable_->revision);
    while (row.step()) index.remove(row.integer(0));
  }
  BatchedEntries entries(index);
  Statement row = database_.prepare(
      "SELECT id, encoding FROM examples JOIN encodings ON encodings.example = id AND model = ? "
      "WHERE revision > ? ORDER BY id");
  row.bind(model.id).bind(searchable_->revision);
  while (row.step())
    entries.add(row.integer(0),
                encoding_from_cell(unsealed(row.bytes(1), encoding_place(row.integer(0), model.id)),
                                   model.model.dimensions));
  entries.flush();
  searchable_->revision = revision;
}

void EmbeddedGallery::read_index(const ModelInUse& model) {
  searchable_.reset();
  Statement row = database_.prepare(
      "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'index'");
  if (row.step())
    if (auto index =
            VectorIndex::load(index_path(), vault_.index_key(),
                              digest_of(model.model, row.integer(0)), model.model.dimensions))
      searchable_ = Searchable{*std::move(index), model.id, row.integer(0)};
  if (!searchable_) searchable_ = Searchable{VectorIndex(model.model.dimensions), model.id, 0};
}

void EmbeddedGallery::refresh_index() {
  const ModelInUse model = model_in_use();
  const std::int64_t now = revision();
  if (!searchable_ || searchable_->model != model.id || searchable_->revision > now)
    read_index(model);
  if (searchable_->revision == now) return;
  try {
    follow_changes(model, now);
  } catch (...) {  // half of the changes are in it
    searchable_.reset();
    throw;
  }
}

std::vector<Neighbour> EmbeddedGallery::nearest(std::span<const float> probe, std::size_t count) {
  const Lock lock(mutex_);
  Transaction transaction(database_, Transaction::Kind::reading);
  refresh_index();
  LIKENESS_CHECK(probe.size() == static_cast<std::size_t>(searchable_->index.dimensions()));
  std::vector<Neighbour> neighbours;
  for (const IndexHit& hit : searchable_->index.nearest(probe, count)) {
    Statement subject = database_.prepare("SELECT subject FROM examples WHERE id = ?");
    if (!subject.bind(hit.id).step())
      throw Error(ErrorCode::corrupt_file,
                  database_.name() +
                      ": the index names an example that is not there; likeness "
                      "gallery rebuild makes it anew");
    neighbours.push_back({hit.id, subject_name(subject.integer(0)), hit.distance});
  }
  return neighbours;
}

void EmbeddedGallery::rebuild_index() {
  const Lock lock(mutex_);
  std::int64_t made_of = 0;
  {
    Transaction transaction(database_, Transaction::Kind::reading);
    const ModelInUse model = model_in_use();
    const auto examples =
        static_cast<std::size_t>(database_.integer("SELECT count(*) FROM examples"));
    const IndexKind kind = examples >= kGraphFrom ? IndexKind::graph : IndexKind::exact;
    searchable_ = Searchable{VectorIndex(model.model.dimensions, {.kind = kind}), model.id, 0};
    made_of = revision();
    try {
      follow_changes(model, made_of);
      std::error_code ignored;
      if (kind == IndexKind::exact) {
        std::filesystem::remove(index_path(), ignored);
        return;
      }
      searchable_->index.save(index_path(), vault_.index_key(), digest_of(model.model, made_of));
    } catch (...) {
      searchable_.reset();
      throw;
    }
  }
  Transaction transaction(database_, Transaction::Kind::writing);
  const std::string text = std::to_string(made_of);
  database_.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES ('index', CAST(? AS BLOB))")
      .bind(std::string_view(text))
      .run();
  transaction.commit();
}

}  // namespace likeness
