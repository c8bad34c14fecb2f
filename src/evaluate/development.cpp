#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/evaluate/development.h>
#include <likeness/faces/logistic.h>

namespace likeness {
namespace {

void check_same_pairs(const ScoreSet& first, const ScoreSet& second) {
  LIKENESS_CHECK(first.genuine.size() == second.genuine.size() &&
                 first.impostor.size() == second.impostor.size());
}

}  // namespace

ScoreSet all_pair_distances(const LabelledEncodings& encodings) {
  const std::int64_t count = encodings.size();
  if (count * (count - 1) / 2 > kMostPairs)
    throw Error(ErrorCode::too_large, std::to_string(count) + " pictures have more than " +
                                          std::to_string(kMostPairs) + " pairs; give fewer lists");
  ScoreSet scores;
  scores.impostor.reserve(static_cast<std::size_t>(count * (count - 1) / 2));
  const std::vector<int>& person = encodings.person;
  visit_pair_distances(encodings.rows, [&](std::int64_t row, std::span<const float> distances) {
    const auto i = static_cast<std::size_t>(row);
    for (std::size_t k = 0; k < distances.size(); ++k)
      (person[i] == person[i + 1 + k] ? scores.genuine : scores.impostor).push_back(distances[k]);
  });
  return scores;
}

double best_share(const ScoreSet& first, const ScoreSet& second) {
  check_same_pairs(first, second);
  const LogisticUnit unit = fit_logistic(
      {.genuine = {first.genuine, second.genuine}, .impostor = {first.impostor, second.impostor}});
  const double sum = unit.slopes[0] + unit.slopes[1];
  if (sum <= 0)
    throw Error(ErrorCode::invalid_argument,
                "neither encoder brings pairs of one person closer together than strangers; are "
                "the pictures sorted into the right folders?");
  return unit.slopes[0] / sum;
}

ScoreSet joined_distances(const ScoreSet& first, const ScoreSet& second, double share) {
  check_same_pairs(first, second);
  LIKENESS_CHECK(share >= 0 && share <= 1);
  const auto join = [&](const std::vector<float>& a, const std::vector<float>& b) {
    std::vector<float> joined(a.size());
    std::transform(a.begin(), a.end(), b.begin(), joined.begin(), [&](float x, float y) {
      return static_cast<float>(share * x + (1 - share) * y);
    });
    return joined;
  };
  ScoreSet result;
  result.genuine = join(first.genuine, second.genuine);
  result.impostor = join(first.impostor, second.impostor);
  return result;
}

}  // namespace likeness
