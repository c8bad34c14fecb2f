#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/pair_sampling.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {
namespace {

using Indices = std::vector<std::int64_t>;

/// The pictures of each identity, those with two or more first.
struct Album {
  std::vector<Indices> identities;
  std::size_t with_pairs = 0;

  explicit Album(std::span<const std::int64_t> labels) {
    std::map<std::int64_t, Indices> pictures;
    for (std::size_t i = 0; i < labels.size(); ++i)
      pictures[labels[i]].push_back(static_cast<std::int64_t>(i));
    for (auto& [label, indices] : pictures) identities.push_back(std::move(indices));
    const auto lone = std::stable_partition(identities.begin(), identities.end(),
                                            [](const Indices& each) { return each.size() > 1; });
    with_pairs = static_cast<std::size_t>(lone - identities.begin());
    if (with_pairs == 0 || identities.size() < 2)
      throw Error(ErrorCode::invalid_argument,
                  "pairs need an identity with two pictures and another identity; there are " +
                      std::to_string(identities.size()) + " identities, " +
                      std::to_string(with_pairs) + " of them with two pictures");
  }
};

/// Two different numbers below `bound`, uniform.
std::pair<std::size_t, std::size_t> two_below(std::size_t bound, Random& random) {
  const auto first = static_cast<std::size_t>(random.below(bound));
  const auto second = static_cast<std::size_t>(random.below(bound - 1));
  return {first, second + (second >= first ? 1 : 0)};
}

void add(PairSample& pairs, std::int64_t first, std::int64_t second, bool same_person) {
  pairs.first.push_back(first);
  pairs.second.push_back(second);
  pairs.same_person.push_back(same_person);
}

PairSample genuine_pairs(const Album& album, std::int64_t count, Random& random) {
  PairSample pairs;
  for (std::int64_t i = 0; i < count; ++i) {
    const Indices& identity = album.identities[random.below(album.with_pairs)];
    const auto [a, b] = two_below(identity.size(), random);
    add(pairs, identity[a], identity[b], true);
  }
  return pairs;
}

/// int64 [anchors, up to `nearest`]: the closest pictures of other people.
at::Tensor nearest_impostors(const at::Tensor& encodings, const at::Tensor& labels,
                             const at::Tensor& anchors, std::int64_t nearest) {
  const at::Tensor same = labels.index_select(0, anchors).unsqueeze(1).eq(labels.unsqueeze(0));
  const at::Tensor distances = squared_distances(encodings.index_select(0, anchors), encodings)
                                   .masked_fill(same, std::numeric_limits<double>::infinity());
  return std::get<1>(distances.topk(std::min(nearest, labels.size(0)), 1, false)).cpu();
}

}  // namespace

PairSample balanced_pairs(std::span<const std::int64_t> labels, std::int64_t count,
                          Random& random) {
  LIKENESS_CHECK(count >= 2 && count % 2 == 0);
  const Album album(labels);
  PairSample pairs = genuine_pairs(album, count / 2, random);
  const auto picture = [&](const Indices& identity) {
    return identity[random.below(identity.size())];
  };
  for (std::int64_t i = 0; i < count / 2; ++i) {
    const auto [a, b] = two_below(album.identities.size(), random);
    const std::int64_t first = picture(album.identities[a]);
    add(pairs, first, picture(album.identities[b]), false);
  }
  return pairs;
}

PairSample hard_negative_pairs(const at::Tensor& encodings, std::span<const std::int64_t> labels,
                               std::int64_t count, int nearest, Random& random) {
  constexpr std::int64_t kBlock = 64;
  LIKENESS_CHECK(count >= 2 && count % 2 == 0 && nearest >= 1);
  LIKENESS_CHECK(encodings.dim() == 2 &&
                 encodings.size(0) == static_cast<std::int64_t>(labels.size()));
  const at::NoGradGuard no_gradients;
  const Album album(labels);
  PairSample pairs = genuine_pairs(album, count / 2, random);
  std::map<std::int64_t, std::int64_t> pictures;  // of each label
  for (const std::int64_t label : labels) ++pictures[label];
  const at::Tensor people =
      at::tensor(at::ArrayRef<std::int64_t>(labels.data(), labels.size()), at::kLong)
          .to(encodings.device());
  const at::Tensor anchors = at::tensor(pairs.first, at::kLong).to(encodings.device());
  for (std::int64_t first = 0; first < count / 2; first += kBlock) {
    const at::Tensor block = anchors.slice(0, first, std::min(first + kBlock, count / 2));
    const at::Tensor found = nearest_impostors(encodings, people, block, nearest);
    for (std::int64_t i = 0; i < found.size(0); ++i) {
      const std::int64_t anchor = pairs.first[static_cast<std::size_t>(first + i)];
      const auto own = static_cast<std::size_t>(pictures[labels[static_cast<std::size_t>(anchor)]]);
      // Where fewer strangers exist than were asked for, the anchor's own pictures come last.
      const std::uint64_t choices =
          std::min(static_cast<std::uint64_t>(nearest), std::uint64_t{labels.size() - own});
      add(pairs, anchor,
          found[i][static_cast<std::int64_t>(random.below(choices))].item<std::int64_t>(), false);
    }
  }
  return pairs;
}

}  // namespace likeness
