#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/csv.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/groups.h>

namespace likeness {
namespace {

constexpr std::size_t kMaxGroupsBytes = std::size_t{64} << 20;

/// "A" for pairs within a group, "A and B" in the order of the names across two; the first of the
/// pair sorts those within before those across.
using Key = std::pair<bool, std::string>;

/// Nothing when a picture is in no group.
std::optional<Key> key_of(const PicturePair& pair, const Groups& groups) {
  const auto first = groups.find(pair.first);
  const auto second = groups.find(pair.second);
  if (first == groups.end() || second == groups.end()) return std::nullopt;
  const auto& [low, high] = std::minmax(first->second, second->second);
  return low == high ? Key{false, low} : Key{true, low + " and " + high};
}

}  // namespace

Groups parse_groups(std::string_view csv, const std::string& name) {
  CsvReader reader(csv, name);
  if (reader.next() != std::vector<std::string>{"path", "group"})
    reader.fail("expected the header path,group");
  Groups groups;
  while (const auto fields = reader.next()) {
    if (fields->size() != 2 || fields->at(0).empty() || fields->at(1).empty())
      reader.fail("expected PICTURE,GROUP");
    if (!groups.emplace(fields->at(0), fields->at(1)).second)
      reader.fail(in_quotes(fields->at(0)) + " comes twice");
  }
  if (groups.empty()) reader.fail("the list has no pictures");
  return groups;
}

Groups read_groups(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kMaxGroupsBytes);
  return parse_groups({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

double Rate::share() const {
  if (trials == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(events) / static_cast<double>(trials);
}

Rate measure_rate(std::int64_t events, std::int64_t trials) {
  LIKENESS_CHECK(events >= 0 && events <= trials);
  constexpr double z = 1.959963984540054;  // 95 % of a normal distribution lie within ±z
  Rate rate{events, trials};
  if (trials == 0) return rate;
  const auto n = static_cast<double>(trials);
  const double p = rate.share();
  const double centre = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  rate.low = events == 0 ? 0 : (centre - half) / (1 + z * z / n);
  rate.high = events == trials ? 1 : (centre + half) / (1 + z * z / n);
  return rate;
}

ErrorRates measure_errors(std::span<const ScoredPair> pairs, float threshold) {
  std::int64_t genuine = 0;
  std::int64_t rejected = 0;
  std::int64_t impostor = 0;
  std::int64_t accepted = 0;
  for (const ScoredPair& pair : pairs) {
    if (!pair.distance) continue;
    ++(pair.same_person ? genuine : impostor);
    if (pair.same_person && *pair.distance > threshold) ++rejected;
    if (!pair.same_person && *pair.distance <= threshold) ++accepted;
  }
  return {threshold, measure_rate(accepted, impostor), measure_rate(rejected, genuine)};
}

std::vector<GroupMeasures> measure_groups(std::span<const PicturePair> pairs,
                                          std::span<const ScoredPair> scored, const Groups& groups,
                                          std::span<const float> thresholds) {
  LIKENESS_CHECK(pairs.size() == scored.size());
  std::map<Key, std::vector<ScoredPair>> members;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (const auto key = key_of(pairs[i], groups)) members[*key].push_back(scored[i]);
  if (members.empty())
    throw Error(ErrorCode::invalid_argument,
                "the groups name no picture of the pairs; paths must be those of the list, for "
                "example " +
                    (pairs.empty() ? std::string("Ann/Ann_0001.jpg") : pairs.front().first));
  std::vector<GroupMeasures> result;
  for (const auto& [name, group] : members) {
    GroupMeasures measures{name.second, 0, {}};
    for (const ScoredPair& pair : group) measures.without_face += pair.distance ? 0 : 1;
    for (const float threshold : thresholds)
      measures.rates.push_back(measure_errors(group, threshold));
    result.push_back(std::move(measures));
  }
  return result;
}

}  // namespace likeness
