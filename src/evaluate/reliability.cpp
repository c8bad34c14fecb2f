#include <algorithm>
#include <cmath>
#include <cstddef>

#include <likeness/core/error.h>
#include <likeness/evaluate/reliability.h>

namespace likeness {
namespace {

/// What a pair of each class weighs; all weights sum to 1.
struct ClassWeights {
  double genuine = 0;
  double impostor = 0;
  double of(const JudgedPair& pair) const { return pair.same_person ? genuine : impostor; }
};

ClassWeights class_weights(std::span<const JudgedPair> pairs, Balance balance) {
  const auto genuine = static_cast<double>(std::count_if(
      pairs.begin(), pairs.end(), [](const JudgedPair& pair) { return pair.same_person; }));
  const auto all = static_cast<double>(pairs.size());
  if (all == 0)
    throw Error(ErrorCode::invalid_argument, "there are no pairs to measure probabilities on");
  if (balance == Balance::pairs) return {1 / all, 1 / all};
  if (genuine == 0 || genuine == all)
    throw Error(ErrorCode::invalid_argument,
                std::string("probabilities need pairs of both classes: there are no pairs of ") +
                    (genuine == 0 ? "one person" : "different people"));
  return {0.5 / genuine, 0.5 / (all - genuine)};
}

}  // namespace

Reliability measure_reliability(std::span<const JudgedPair> pairs, Balance balance, int bins) {
  constexpr double kLeast = 1e-15;
  LIKENESS_CHECK(bins >= 1);
  const ClassWeights weights = class_weights(pairs, balance);
  Reliability result;
  for (int k = 0; k < bins; ++k)
    result.bins.push_back({static_cast<double>(k) / bins, static_cast<double>(k + 1) / bins});
  std::vector<double> weight(result.bins.size(), 0);
  for (const JudgedPair& pair : pairs) {
    LIKENESS_CHECK(pair.probability >= 0 && pair.probability <= 1);
    const double w = weights.of(pair);
    const double truth = pair.same_person ? 1 : 0;
    const auto k =
        std::min(static_cast<std::size_t>(pair.probability * bins), result.bins.size() - 1);
    ++result.bins[k].pairs;
    result.bins[k].probability += w * pair.probability;
    result.bins[k].share += w * truth;
    weight[k] += w;
    const double given = pair.same_person ? pair.probability : 1 - pair.probability;
    result.brier += w * (1 - given) * (1 - given);
    result.log_loss -= w * std::log(std::max(given, kLeast));
    if ((pair.probability >= 0.5) == pair.same_person) result.accuracy += w;
  }
  for (std::size_t k = 0; k < result.bins.size(); ++k) {
    if (weight[k] == 0) continue;
    ReliabilityBin& bin = result.bins[k];
    bin.probability /= weight[k];
    bin.share /= weight[k];
    const double error = std::abs(bin.probability - bin.share);
    result.ece += weight[k] * error;
    result.mce = std::max(result.mce, error);
  }
  return result;
}

}  // namespace likeness
