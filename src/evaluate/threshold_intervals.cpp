#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/evaluate/threshold_intervals.h>

namespace likeness {
namespace {

/// A pair and the people it shows.
struct Pair {
  float distance;
  int first;
  int second;
};

/// Pairs of one person, and those of two that lie closest together, nearest first.
struct Sample {
  std::vector<Pair> genuine;
  std::vector<Pair> impostor;
  std::vector<double> pictures;  ///< of each person
};

/// Thresholds of replicates scatter round the measured one; impostor pairs are kept up to the
/// threshold of so many times the largest rate.
constexpr double kReach = 4;

Sample collect(const LabelledEncodings& encodings, float reach) {
  Sample sample;
  for (const auto& rows : encodings.rows_by_person())
    sample.pictures.push_back(static_cast<double>(rows.size()));
  const std::vector<int>& person = encodings.person;
  visit_pair_distances(encodings.rows, [&](std::int64_t row, std::span<const float> distances) {
    const auto i = static_cast<std::size_t>(row);
    for (std::size_t k = 0; k < distances.size(); ++k) {
      const Pair pair{distances[k], person[i], person[i + 1 + k]};
      if (pair.first == pair.second)
        sample.genuine.push_back(pair);
      else if (pair.distance <= reach)
        sample.impostor.push_back(pair);
    }
  });
  std::sort(sample.impostor.begin(), sample.impostor.end(),
            [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  return sample;
}

/// How often each person counts in one replicate.
class Weights {
 public:
  Weights(std::size_t people, Random& random) : times_(people, 0) {
    for (std::size_t i = 0; i < people; ++i) times_[random.below(people)] += 1;
  }
  double of(const Pair& pair) const {
    const double first = times_[static_cast<std::size_t>(pair.first)];
    return pair.first == pair.second ? first
                                     : first * times_[static_cast<std::size_t>(pair.second)];
  }
  /// Of all pairs of two people: ((Σ m·n)² − Σ (m·n)²) / 2 for m times n pictures.
  double of_all_impostors(const std::vector<double>& pictures) const {
    double sum = 0;
    double squares = 0;
    for (std::size_t p = 0; p < pictures.size(); ++p) {
      const double weight = times_[p] * pictures[p];
      sum += weight;
      squares += weight * weight;
    }
    return (sum * sum - squares) / 2;
  }

 private:
  std::vector<double> times_;
};

/// The largest distance up to which the pairs weigh no more than `allowed`; equal distances belong
/// together. −1 when even the closest weighs more.
float weighted_threshold(const std::vector<Pair>& sorted, const Weights& weights, double allowed) {
  float threshold = -1;
  double sum = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    const float at = sorted[i].distance;
    for (; i < sorted.size() && sorted[i].distance == at; ++i) sum += weights.of(sorted[i]);
    if (sum > allowed) break;
    threshold = at;
  }
  return threshold;
}

double weighted_fnmr(const std::vector<Pair>& genuine, const Weights& weights, float threshold) {
  double rejected = 0;
  double all = 0;
  for (const Pair& pair : genuine) {
    const double weight = weights.of(pair);
    all += weight;
    if (pair.distance > threshold) rejected += weight;
  }
  return all > 0 ? rejected / all : -1;
}

/// The percentile interval of `values`; `otherwise` twice when there are none.
template <class Value>
std::pair<Value, Value> interval(std::vector<Value> values, double confidence, Value otherwise) {
  if (values.empty()) return {otherwise, otherwise};
  std::sort(values.begin(), values.end());
  const auto at = [&](double quantile) {
    const double place = quantile * static_cast<double>(values.size());
    return values[std::min(static_cast<std::size_t>(place), values.size() - 1)];
  };
  return {at((1 - confidence) / 2), at((1 + confidence) / 2)};
}

/// What the replicates say of one rate.
struct Replicates {
  std::vector<float> thresholds;
  std::vector<double> fnmrs;
};

void add_replicate(const Sample& sample, const std::vector<double>& fmrs, Random& random,
                   std::vector<Replicates>& replicates) {
  const Weights weights(sample.pictures.size(), random);
  const double all = weights.of_all_impostors(sample.pictures);
  for (std::size_t k = 0; k < fmrs.size() && all > 0; ++k) {
    const float threshold =
        std::max(0.0F, weighted_threshold(sample.impostor, weights, fmrs[k] * all));
    replicates[k].thresholds.push_back(threshold);
    const double fnmr = weighted_fnmr(sample.genuine, weights, threshold);
    if (fnmr >= 0) replicates[k].fnmrs.push_back(fnmr);
  }
}

/// The measured rate and threshold; the intervals are left to the caller.
MeasuredThreshold measure(double fmr, const Calibration& calibration, const Sample& sample) {
  MeasuredThreshold result;
  result.fmr = fmr;
  result.threshold = calibration.threshold_at(fmr);
  const auto rejected =
      std::count_if(sample.genuine.begin(), sample.genuine.end(),
                    [&](const Pair& pair) { return pair.distance > result.threshold; });
  result.fnmr = static_cast<double>(rejected) / static_cast<double>(sample.genuine.size());
  return result;
}

void check(const BootstrapOptions& options) {
  constexpr int kFewest = 20;
  if (options.replicates < kFewest)
    throw Error(ErrorCode::invalid_argument, std::to_string(options.replicates) +
                                                 " replicates are too few for an interval; " +
                                                 "use at least " + std::to_string(kFewest));
  if (!(options.confidence > 0 && options.confidence < 1))
    throw Error(ErrorCode::invalid_argument,
                "confidence " + number_text(options.confidence) + ": must lie between 0 and 1");
}

}  // namespace

std::vector<MeasuredThreshold> measure_thresholds(const LabelledEncodings& encodings,
                                                  const Calibration& calibration,
                                                  std::vector<double> fmrs,
                                                  const BootstrapOptions& options, Random& random,
                                                  Progress& progress) {
  check(options);
  if (fmrs.empty()) return {};
  std::sort(fmrs.begin(), fmrs.end(), std::greater<>());
  fmrs.erase(std::unique(fmrs.begin(), fmrs.end()), fmrs.end());
  for (const double fmr : fmrs) calibration.threshold_at(fmr);  // refuses what cannot be supported

  const double reach = kReach * fmrs.front();
  const Sample sample = collect(encodings, reach < 1 ? calibration.threshold_at(reach) : 4.0F);
  LIKENESS_CHECK(!sample.genuine.empty());
  std::vector<Replicates> replicates(fmrs.size());
  progress.begin("Bootstrap over identities", options.replicates);
  for (int i = 0; i < options.replicates; ++i) {
    add_replicate(sample, fmrs, random, replicates);
    progress.update(i + 1);
  }
  progress.end();

  std::vector<MeasuredThreshold> result;
  for (std::size_t k = 0; k < fmrs.size(); ++k) {
    MeasuredThreshold measured = measure(fmrs[k], calibration, sample);
    std::tie(measured.threshold_low, measured.threshold_high) =
        interval(std::move(replicates[k].thresholds), options.confidence, measured.threshold);
    std::tie(measured.fnmr_low, measured.fnmr_high) =
        interval(std::move(replicates[k].fnmrs), options.confidence, measured.fnmr);
    result.push_back(measured);
  }
  return result;
}

}  // namespace likeness
