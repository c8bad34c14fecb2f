#include "train/pair_folds.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>

namespace likeness {
namespace {

/// Of one person, at most; a person with hundreds of pictures must not outweigh all others.
constexpr std::size_t kMostPairsOfOne = 50;

void append(PairSample& pairs, const PairSample& more) {
  pairs.first.insert(pairs.first.end(), more.first.begin(), more.first.end());
  pairs.second.insert(pairs.second.end(), more.second.begin(), more.second.end());
  pairs.same_person.insert(pairs.same_person.end(), more.same_person.begin(),
                           more.same_person.end());
}

}  // namespace

std::vector<int> share_out(const LabelledEncodings& encodings, int folds, Random& random) {
  std::vector<std::vector<std::size_t>> kinds(2);  // without and with pairs
  const auto rows = encodings.rows_by_person();
  for (std::size_t person = 0; person < rows.size(); ++person)
    kinds[rows[person].size() > 1 ? 1 : 0].push_back(person);
  if (static_cast<int>(kinds[1].size()) < 2 * folds)
    throw Error(ErrorCode::invalid_argument, std::to_string(kinds[1].size()) +
                                                 " people with two pictures or more are too few "
                                                 "for " +
                                                 std::to_string(folds) + " folds; it takes " +
                                                 std::to_string(2 * folds) + ", or fewer folds");
  std::vector<int> fold(rows.size(), 0);
  for (std::vector<std::size_t>& people : kinds) {
    for (std::size_t i = people.size(); i > 1; --i)
      std::swap(people[i - 1], people[random.below(i)]);
    for (std::size_t i = 0; i < people.size(); ++i)
      fold[people[i]] = static_cast<int>(i % static_cast<std::size_t>(folds));
  }
  return fold;
}

PeoplePart select_people(const LabelledEncodings& encodings, const std::vector<int>& fold,
                         const std::function<bool(int)>& wanted) {
  std::vector<std::int64_t> rows;
  PeoplePart part;
  for (std::int64_t i = 0; i < encodings.size(); ++i) {
    const int person = encodings.person[static_cast<std::size_t>(i)];
    if (!wanted(fold[static_cast<std::size_t>(person)])) continue;
    rows.push_back(i);
    part.labels.push_back(person);
  }
  part.encodings = encodings.rows.index_select(0, at::tensor(rows, at::kLong));
  return part;
}

PairSample draw_pairs(const PeoplePart& part, const PairTrainingOptions& options, Random& random) {
  const std::int64_t half = options.pairs / 2;
  const std::int64_t hard = 2 * std::llround(static_cast<double>(half) * options.hard_share);
  PairSample pairs;
  if (hard < options.pairs)
    append(pairs, balanced_pairs(part.labels, options.pairs - hard, random));
  if (hard > 0)
    append(pairs, hard_negative_pairs(part.encodings, part.labels, hard, options.nearest, random));
  return pairs;
}

PairSample held_out_pairs(const PeoplePart& part, std::int64_t impostors, Random& random) {
  std::map<std::int64_t, std::vector<std::int64_t>> people;
  for (std::size_t i = 0; i < part.labels.size(); ++i)
    people[part.labels[i]].push_back(static_cast<std::int64_t>(i));
  PairSample pairs;
  double possible = 0;
  for (const auto& [person, rows] : people) {
    possible += static_cast<double>(rows.size() * (part.labels.size() - rows.size())) / 2;
    std::vector<std::pair<std::int64_t, std::int64_t>> own;
    for (std::size_t a = 0; a < rows.size(); ++a)
      for (std::size_t b = a + 1; b < rows.size(); ++b) own.emplace_back(rows[a], rows[b]);
    for (std::size_t i = 0; i < std::min(own.size(), kMostPairsOfOne); ++i) {
      std::swap(own[i], own[i + random.below(own.size() - i)]);
      pairs.first.push_back(own[i].first);
      pairs.second.push_back(own[i].second);
      pairs.same_person.push_back(true);
    }
  }
  const auto count = static_cast<std::int64_t>(
      std::min(possible, static_cast<double>(std::max<std::int64_t>(impostors, 1))));
  PairSample drawn = balanced_pairs(part.labels, 2 * count, random);
  const auto half = static_cast<std::ptrdiff_t>(count);
  append(pairs, {{drawn.first.begin() + half, drawn.first.end()},
                 {drawn.second.begin() + half, drawn.second.end()},
                 {drawn.same_person.begin() + half, drawn.same_person.end()}});
  return pairs;
}

}  // namespace likeness
