#include <algorithm>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/gallery/clusters.h>

#include "gallery/distance.h"

namespace likeness {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

/// The groups that may still be merged.
class Agglomeration {
 public:
  Agglomeration(std::span<const Encoding> encodings, float threshold) : threshold_(threshold) {
    row_ = encodings.empty() ? 0 : padded(encodings.front().size());
    centroids_.resize(row_ * encodings.size());
    spreads_.resize(encodings.size());
    members_.resize(encodings.size());
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      LIKENESS_CHECK(encodings[i].size() == encodings.front().size());
      std::copy(encodings[i].begin(), encodings[i].end(), centroid(i));
      members_[i] = {i};
      active_.push_back(i);
    }
  }

  /// Merging two others never brings a group nearer (average linkage is reducible): two groups that
  /// are each other's nearest may be merged at once, one whose nearest is too far away is finished.
  Groups run() {
    std::vector<std::size_t> chain;
    while (!active_.empty()) {
      if (chain.empty()) chain.push_back(active_.front());
      const std::size_t last = chain.back();
      const std::size_t previous = chain.size() > 1 ? chain[chain.size() - 2] : last;
      const std::size_t next = nearest(last, previous);
      if (next == last) {
        finish(last);
        cut(chain, last);
      } else if (next == previous) {
        merge(previous, last);
        cut(chain, last);
        cut(chain, previous);
      } else {
        chain.push_back(next);
      }
    }
    return std::move(finished_);
  }

 private:
  float* centroid(std::size_t group) { return centroids_.data() + group * row_; }
  float between_centroids(std::size_t a, std::size_t b) {
    return distance_kernels().squared(centroid(a), centroid(b), &row_);
  }

  /// The group nearest to `group` within the threshold, `group` itself when there is none. Of
  /// equally near ones `previous`, so that a chain cannot run in circles.
  std::size_t nearest(std::size_t group, std::size_t previous) {
    std::size_t best = group;
    float distance = threshold_;
    const auto consider = [&](std::size_t other, bool ties) {
      const float d = between_centroids(group, other) + (spreads_[group] + spreads_[other]);
      if (d < distance || (ties && d == distance)) {
        distance = d;
        best = other;
      }
    };
    if (previous != group) consider(previous, true);
    for (const std::size_t other : active_)
      if (other != group && other != previous) consider(other, best == group);
    return best;
  }

  /// `b` becomes a part of `a`.
  void merge(std::size_t a, std::size_t b) {
    const auto size_a = static_cast<float>(members_[a].size());
    const auto size_b = static_cast<float>(members_[b].size());
    const float share = size_b / (size_a + size_b);
    spreads_[a] = (1 - share) * spreads_[a] + share * spreads_[b] +
                  share * (1 - share) * between_centroids(a, b);
    for (std::size_t i = 0; i < row_; ++i)
      centroid(a)[i] = (1 - share) * centroid(a)[i] + share * centroid(b)[i];
    members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
    std::erase(active_, b);
  }

  void finish(std::size_t group) {
    finished_.push_back(std::move(members_[group]));
    std::erase(active_, group);
  }

  /// Ends `chain` before `group`, which is no longer what it was. Rounding may have brought it into
  /// the chain twice.
  static void cut(std::vector<std::size_t>& chain, std::size_t group) {
    chain.erase(std::find(chain.begin(), chain.end(), group), chain.end());
  }

  float threshold_;
  std::size_t row_ = 0;           ///< numbers of a centroid with its padding
  std::vector<float> centroids_;  ///< a row for each group
  std::vector<float> spreads_;    ///< mean squared distance of the members from the centroid
  Groups members_;
  std::vector<std::size_t> active_;
  Groups finished_;
};

}  // namespace

Groups cluster_encodings(std::span<const Encoding> encodings, float threshold) {
  Groups groups = Agglomeration(encodings, threshold).run();
  for (std::vector<std::size_t>& group : groups) std::sort(group.begin(), group.end());
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
  });
  return groups;
}

}  // namespace likeness
