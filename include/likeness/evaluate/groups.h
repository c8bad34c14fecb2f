#pragma once

/// Error rates of groups of people (ages, cameras, origins …), so that a system which errs more
/// often for some of them is seen. Rates are named as ISO/IEC 19795-1 names them:
///
///   FMR   false-match rate: share of the comparisons of two people that are accepted
///   FNMR  false non-match rate: share of the comparisons of one person that are rejected
///
/// both of *completed* comparisons; where a picture gave no face nothing was compared
/// (failure to acquire, FTA). All groups are judged at the same thresholds, as in ISO/IEC 19795-10.
/// Pure functions beside the file system; safe to call from many threads.
///
///     const Groups groups = read_groups("groups.csv");
///     const auto measures = measure_groups(list.pairs, scored, groups, thresholds);

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/evaluate/pairs.h>
#include <likeness/evaluate/verification.h>

namespace likeness {

/// The group that a picture belongs to, by its path below the folder of pictures.
using Groups = std::map<std::string, std::string>;

/// A CSV text (RFC 4180): the header "path,group", then one picture a line. Blank lines are left
/// out. `name` stands for the file in errors. Throws Error(corrupt_file) with the line: another
/// header or number of columns, an empty group, a picture that comes twice, no picture at all.
Groups parse_groups(std::string_view csv, const std::string& name);

/// Reads the file at `path` (at most 64 MiB). Throws as read_file and parse_groups do.
Groups read_groups(const std::filesystem::path& path);

/// A share of events with the interval that holds the true rate with 95 % confidence (Wilson 1927).
struct Rate {
  std::int64_t events = 0;
  std::int64_t trials = 0;
  double low = 0;
  double high = 1;
  /// Not a number without trials.
  double share() const;
};
/// Requires 0 ≤ events ≤ trials; without trials the interval is all of [0, 1].
Rate measure_rate(std::int64_t events, std::int64_t trials);

/// Both rates at one threshold.
struct ErrorRates {
  float threshold = 0;
  Rate fmr;
  Rate fnmr;
};

struct GroupMeasures {
  std::string group;              ///< "A", or "A and B" for pairs across two groups
  std::int64_t without_face = 0;  ///< pairs that could not be compared, of both kinds
  std::vector<ErrorRates> rates;  ///< at each threshold, in the order they were given
};

/// The rates of all completed comparisons.
ErrorRates measure_errors(std::span<const ScoredPair> pairs, float threshold);

/// The rates of the pairs within each group, in the order of their names, then of the pairs across
/// two groups. Pairs with a picture that is in no group are left out. `scored` belongs to `pairs`
/// place by place; thresholds are distances up to which a pair is accepted.
/// Throws Error(invalid_argument) when no pair lies in the groups.
std::vector<GroupMeasures> measure_groups(std::span<const PicturePair> pairs,
                                          std::span<const ScoredPair> scored, const Groups& groups,
                                          std::span<const float> thresholds);

}  // namespace likeness
