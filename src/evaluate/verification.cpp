#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include <likeness/core/error.h>
#include <likeness/evaluate/verification.h>
#include <likeness/faces/calibration.h>

namespace likeness {
namespace {

int count_folds(std::span<const ScoredPair> pairs) {
  int folds = 0;
  for (const ScoredPair& pair : pairs) {
    LIKENESS_CHECK(pair.fold >= 0 && static_cast<std::size_t>(pair.fold) < pairs.size());
    folds = std::max(folds, pair.fold + 1);
  }
  if (folds < 2)
    throw Error(
        ErrorCode::invalid_argument,
        "the protocol needs at least two folds: each one's threshold comes from the others");
  return folds;
}

/// The distances of the pairs for which `wanted` holds.
template <class Predicate>
ScoreSet collect(std::span<const ScoredPair> pairs, const Predicate& wanted) {
  ScoreSet scores;
  for (const ScoredPair& pair : pairs) {
    if (!wanted(pair)) continue;
    if (pair.distance)
      (pair.same_person ? scores.genuine : scores.impostor).push_back(*pair.distance);
    else
      ++(pair.same_person ? scores.genuine_without : scores.impostor_without);
  }
  return scores;
}

bool is_right(const ScoredPair& pair, float threshold) {
  return pair.distance && (*pair.distance <= threshold) == pair.same_person;
}

FoldMeasure measure_fold(std::span<const ScoredPair> pairs, int fold) {
  ScoreSet others = collect(pairs, [&](const ScoredPair& pair) { return pair.fold != fold; });
  FoldMeasure measure;
  measure.threshold =
      best_threshold(std::move(others.genuine), std::move(others.impostor), Balance::pairs);
  for (const ScoredPair& pair : pairs) {
    if (pair.fold != fold) continue;
    ++measure.pairs;
    if (is_right(pair, measure.threshold)) ++measure.right;
  }
  if (measure.pairs == 0)
    throw Error(ErrorCode::invalid_argument, "fold " + std::to_string(fold + 1) + " has no pairs");
  return measure;
}

void summarise_accuracy(VerificationMeasures& measures) {
  const auto folds = static_cast<double>(measures.folds.size());
  for (const FoldMeasure& fold : measures.folds) measures.accuracy_mean += fold.accuracy() / folds;
  double squares = 0;
  for (const FoldMeasure& fold : measures.folds) {
    const double deviation = fold.accuracy() - measures.accuracy_mean;
    squares += deviation * deviation;
  }
  measures.accuracy_std = std::sqrt(squares / (folds - 1));
}

std::vector<VerificationFailure> find_failures(std::span<const ScoredPair> pairs,
                                               const std::vector<FoldMeasure>& folds) {
  std::vector<VerificationFailure> failures;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const float threshold = folds[static_cast<std::size_t>(pairs[i].fold)].threshold;
    if (!is_right(pairs[i], threshold)) failures.push_back({i, threshold});
  }
  const auto margin = [&](const VerificationFailure& failure) {
    const auto& distance = pairs[failure.pair].distance;
    return distance ? std::abs(*distance - failure.threshold)
                    : std::numeric_limits<float>::infinity();
  };
  std::stable_sort(failures.begin(), failures.end(),
                   [&](const auto& a, const auto& b) { return margin(a) > margin(b); });
  return failures;
}

}  // namespace

VerificationMeasures measure_verification(std::span<const ScoredPair> pairs) {
  VerificationMeasures measures;
  const int folds = count_folds(pairs);
  for (int fold = 0; fold < folds; ++fold) measures.folds.push_back(measure_fold(pairs, fold));
  summarise_accuracy(measures);
  measures.failures = find_failures(pairs, measures.folds);

  for (const ScoredPair& pair : pairs) {
    ++(pair.same_person ? measures.genuine : measures.impostor);
    if (!pair.distance) ++measures.no_face;
  }
  measures.roc = roc_curve(collect(pairs, [](const ScoredPair&) { return true; }));
  measures.eer = measures.roc.equal_error_rate();
  measures.auc = measures.roc.area();
  return measures;
}

PairedDifference paired_difference(std::span<const FoldMeasure> first,
                                   std::span<const FoldMeasure> second) {
  LIKENESS_CHECK(first.size() == second.size() && first.size() >= 2);
  const auto count = static_cast<double>(first.size());
  PairedDifference difference;
  for (std::size_t i = 0; i < first.size(); ++i)
    difference.mean += (first[i].accuracy() - second[i].accuracy()) / count;
  double squares = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double deviation = first[i].accuracy() - second[i].accuracy() - difference.mean;
    squares += deviation * deviation;
  }
  difference.standard_error = std::sqrt(squares / (count * (count - 1)));
  return difference;
}

}  // namespace likeness
