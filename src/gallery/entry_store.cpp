#include "gallery/entry_store.h"

#include <algorithm>

namespace likeness {

void keep_closest(std::vector<IndexHit>& hits, std::size_t count) {
  const auto closer = [](const IndexHit& a, const IndexHit& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
  };
  const auto end = hits.begin() + static_cast<std::ptrdiff_t>(std::min(count, hits.size()));
  std::partial_sort(hits.begin(), end, hits.end(), closer);
  hits.erase(end, hits.end());
}

}  // namespace likeness
