#include <algorithm>

#include <likeness/core/error.h>

#include "gallery/shared_store.h"
#include "gallery/vector_text.h"

namespace likeness {
namespace {

/// Examples looked at beyond those asked for, so that equal distances can be put in order.
constexpr std::size_t kMargin = 16;
/// pgvector's bounds for hnsw.ef_search; the lower is ours.
constexpr std::size_t kLeastBreadth = 100;
constexpr std::size_t kLargestBreadth = 1000;

pqxx::result closest_rows(pqxx::transaction_base& work, const SharedMeta& meta,
                          std::span<const float> probe, std::size_t limit) {
  const std::string model = std::to_string(meta.model_row);
  const std::string vector = "vector(" + std::to_string(meta.model.dimensions) + ")";
  // Numbers stand in the text, as the index of this model is only found so.
  return work.exec_params(
      "SELECT near.example, subjects.name, near.encoding FROM (SELECT example, encoding "
      "FROM likeness.templates WHERE model = " +
          model + " ORDER BY encoding::" + vector + " <#> $1::" + vector + " LIMIT " +
          std::to_string(limit) +
          ") AS near JOIN likeness.examples ON examples.id = near.example "
          "JOIN likeness.subjects ON subjects.id = examples.subject",
      vector_text(probe));
}

/// The graph hands over at most its breadth, and fewer where erased examples lie near.
pqxx::result enough_rows(pqxx::transaction_base& work, const SharedMeta& meta,
                         std::span<const float> probe, std::size_t count) {
  const std::size_t limit = std::min(count, kMostRows) + kMargin;
  if (limit <= kLargestBreadth) {
    work.exec("SET LOCAL hnsw.ef_search = " + std::to_string(std::max(limit, kLeastBreadth)));
    pqxx::result rows = closest_rows(work, meta, probe, limit);
    if (rows.size() >= limit) return rows;
    const auto total = work.exec1("SELECT count(*) FROM likeness.templates WHERE model = " +
                                  std::to_string(meta.model_row))[0]
                           .as<std::size_t>();
    if (rows.size() >= std::min(count, total)) return rows;
  }
  work.exec("SET LOCAL enable_indexscan = off");
  return closest_rows(work, meta, probe, limit);
}

}  // namespace

std::vector<Neighbour> SharedGallery::nearest(std::span<const float> probe, std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (count == 0) return {};
  std::vector<Neighbour> neighbours;
  connection_.read([&](pqxx::transaction_base& work) {
    neighbours.clear();
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    LIKENESS_CHECK(probe.size() == static_cast<std::size_t>(meta.model.dimensions));
    for (const pqxx::row row : enough_rows(work, meta, probe, count))
      neighbours.push_back({row[0].as<std::int64_t>(), row[1].c_str(),
                            squared_distance(probe, parse_vector(row[2].c_str()))});
  });
  std::sort(neighbours.begin(), neighbours.end(), [](const Neighbour& a, const Neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.example < b.example;
  });
  if (neighbours.size() > count) neighbours.resize(count);
  return neighbours;
}

}  // namespace likeness
