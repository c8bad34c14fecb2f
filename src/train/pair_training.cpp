#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/train/pair_training.h>

#include "train/pair_fit.h"
#include "train/pair_folds.h"
#include "train/pair_probability.h"

namespace likeness {
namespace {

/// What one fold found.
struct FoldResult {
  std::vector<UnitParameters> units;  ///< for each penalty, as is
  std::vector<double> losses;         ///< on held-out pairs like those learned from
  PeoplePart held_out;
  PairSample judged;  ///< held-out pairs for the probability
};

PairData data_of(const PeoplePart& part, const PairSample& pairs,
                 const PairTrainingOptions& options) {
  return pair_data(part.encodings, pairs, options.form, options.with_distance);
}

/// Dissimilarities of the held-out pairs, and their plain distances; piece by piece, since half a
/// million pairs with all their inputs would fill the memory.
void judge(const FoldResult& fold, std::size_t penalty, const PairTrainingOptions& options,
           PairScores& dissimilar, PairScores& distances) {
  constexpr std::size_t kPiece = 8192;
  const PairSample& all = fold.judged;
  for (std::size_t begin = 0; begin < all.first.size(); begin += kPiece) {
    const auto from = static_cast<std::ptrdiff_t>(begin);
    const auto to = static_cast<std::ptrdiff_t>(std::min(begin + kPiece, all.first.size()));
    const PairSample piece{{all.first.begin() + from, all.first.begin() + to},
                           {all.second.begin() + from, all.second.begin() + to},
                           {all.same_person.begin() + from, all.same_person.begin() + to}};
    const PairData data = data_of(fold.held_out, piece, options);
    append(dissimilar, by_class(dissimilarities(fold.units[penalty], data), data.same_person));
    append(distances, by_class(data.squared_distance, data.same_person));
  }
}

FoldResult run_fold(const PeoplePart& learn, PeoplePart held_out,
                    const PairTrainingOptions& options, Random random, Progress& progress,
                    std::int64_t& done, const Cancellation* cancellation) {
  PairFit fit(data_of(learn, draw_pairs(learn, options, random), options));
  const PairData test = data_of(held_out, draw_pairs(held_out, options, random), options);
  FoldResult result;
  for (const double strength : options.strengths) {
    if (cancellation != nullptr) cancellation->check();
    result.units.push_back(fit.fit(strength));
    result.losses.push_back(
        log_loss(by_class(dissimilarities(result.units.back(), test), test.same_person)));
    progress.update(++done);
  }
  result.judged = held_out_pairs(held_out, options.impostors / options.folds, random);
  result.held_out = std::move(held_out);
  return result;
}

std::vector<PenaltyResult> compare_penalties(const std::vector<FoldResult>& folds,
                                             const std::vector<double>& strengths) {
  const auto count = static_cast<double>(folds.size());
  std::vector<PenaltyResult> results;
  for (std::size_t k = 0; k < strengths.size(); ++k) {
    results.push_back({strengths[k], 0, 0, 0});
    for (const FoldResult& fold : folds) results.back().log_loss += fold.losses[k] / count;
  }
  const auto best = static_cast<std::size_t>(
      std::min_element(results.begin(), results.end(),
                       [](const auto& a, const auto& b) { return a.log_loss < b.log_loss; }) -
      results.begin());
  for (std::size_t k = 0; k < results.size(); ++k) {
    results[k].excess = results[k].log_loss - results[best].log_loss;
    double squares = 0;
    for (const FoldResult& fold : folds) {
      const double deviation = fold.losses[k] - fold.losses[best] - results[k].excess;
      squares += deviation * deviation;
    }
    results[k].excess_error = std::sqrt(squares / (count * (count - 1)));
  }
  return results;
}

/// The strongest penalty that is not surely worse than the best.
std::size_t choose(const std::vector<PenaltyResult>& penalties) {
  for (std::size_t k = 0; k < penalties.size(); ++k)
    if (penalties[k].excess <= penalties[k].excess_error) return k;
  return penalties.size() - 1;
}

void check(const PairTrainingOptions& options) {
  if (options.pairs < 2 || options.pairs % 2 != 0)
    throw Error(ErrorCode::invalid_argument,
                std::to_string(options.pairs) + " pairs: expected an even number from 2 on");
  if (!(options.hard_share >= 0 && options.hard_share <= 1))
    throw Error(
        ErrorCode::invalid_argument,
        "share of mined pairs " + number_text(options.hard_share) + ": must lie between 0 and 1");
  if (options.folds < 2)
    throw Error(ErrorCode::invalid_argument,
                std::to_string(options.folds) + " folds: it takes at least two");
  const auto usable = [](double strength) { return strength >= 0 && std::isfinite(strength); };
  if (options.strengths.empty() ||
      !std::all_of(options.strengths.begin(), options.strengths.end(), usable))
    throw Error(ErrorCode::invalid_argument, "a penalty must be a number from 0 on");
  LIKENESS_CHECK(options.nearest >= 1 && options.impostors >= 1);
}

std::vector<FoldResult> run_folds(const LabelledEncodings& encodings, const std::vector<int>& fold,
                                  const PairTrainingOptions& options, Random& random,
                                  Progress& progress, const Cancellation* cancellation) {
  std::vector<FoldResult> results;
  std::int64_t done = 0;
  progress.begin("Fitting pair classifiers",
                 options.folds * static_cast<std::int64_t>(options.strengths.size()));
  for (int held_out = 0; held_out < options.folds; ++held_out) {
    const PeoplePart learn = select_people(encodings, fold, [&](int f) { return f != held_out; });
    PeoplePart rest = select_people(encodings, fold, [&](int f) { return f == held_out; });
    results.push_back(
        run_fold(learn, std::move(rest), options, Random(random()), progress, done, cancellation));
  }
  progress.end();
  return results;
}

/// The unit of all people, in the classifier's terms.
void fit_all(const LabelledEncodings& encodings, const std::vector<int>& fold,
             const PairTrainingOptions& options, double strength, Random& random,
             PairClassifier& classifier) {
  const PeoplePart all = select_people(encodings, fold, [](int) { return true; });
  PairFit fit(data_of(all, draw_pairs(all, options, random), options));
  const UnitParameters unit = fit.fit(strength);
  // Without the distance the base is the sum of all inputs: part of every weight.
  const at::Tensor weights =
      (options.with_distance ? unit.weights : unit.weights + unit.base).to(at::kFloat).contiguous();
  const auto* data = weights.data_ptr<float>();
  classifier.form = options.form;
  classifier.weights.assign(data, data + weights.numel());
  classifier.distance_weight = options.with_distance ? unit.base : 0;
  classifier.offset = unit.offset;
}

}  // namespace

PairTraining train_pair_classifier(const LabelledEncodings& encodings,
                                   const PairTrainingOptions& options, Progress& progress,
                                   const Cancellation* cancellation) {
  check(options);
  PairTrainingOptions sorted = options;
  std::sort(sorted.strengths.begin(), sorted.strengths.end(), std::greater<>());
  Random random(options.seed);
  const std::vector<int> fold = share_out(encodings, options.folds, random);
  const std::vector<FoldResult> folds =
      run_folds(encodings, fold, sorted, random, progress, cancellation);

  PairTraining training;
  training.people = static_cast<std::int64_t>(encodings.people.size());
  training.penalties = compare_penalties(folds, sorted.strengths);
  const std::size_t chosen = choose(training.penalties);
  training.strength = sorted.strengths[chosen];
  fit_all(encodings, fold, sorted, training.strength, random, training.classifier);

  std::vector<PairScores> distances(folds.size());
  std::vector<PairScores> scores(folds.size());
  PairScores all;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    judge(folds[k], chosen, sorted, scores[k], distances[k]);
    append(all, scores[k]);
  }
  training.genuine_pairs = static_cast<std::int64_t>(all.genuine.size());
  training.impostor_pairs = static_cast<std::int64_t>(all.impostor.size());
  training.distance = cross_measured(distances, ProbabilityForm::logistic);
  training.unit = cross_measured(scores, options.probability);
  const ProbabilityFit probability = fit_probability(all, options.probability);
  training.classifier.slope = probability.slope;
  training.classifier.shift = probability.shift;
  training.classifier.curve = probability.curve;
  training.classifier.points = operating_points(std::move(all.impostor));
  return training;
}

}  // namespace likeness
