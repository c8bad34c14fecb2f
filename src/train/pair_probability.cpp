#include "train/pair_probability.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/faces/logistic.h>

namespace likeness {

PairScores by_class(const at::Tensor& values, const at::Tensor& same_person) {
  PairScores scores;
  for (const bool same : {true, false}) {
    const at::Tensor chosen = values.masked_select(same ? same_person : same_person.logical_not())
                                  .to(at::kFloat)
                                  .contiguous();
    const auto* data = chosen.data_ptr<float>();
    (same ? scores.genuine : scores.impostor).assign(data, data + chosen.numel());
  }
  return scores;
}

void append(PairScores& scores, const PairScores& more) {
  scores.genuine.insert(scores.genuine.end(), more.genuine.begin(), more.genuine.end());
  scores.impostor.insert(scores.impostor.end(), more.impostor.begin(), more.impostor.end());
}

double ProbabilityFit::at(float x) const {
  return curve.empty() ? LogisticUnit{{slope}, shift}.probability({&x, 1}) : curve.at(x);
}

ProbabilityFit fit_probability(const PairScores& scores, ProbabilityForm form) {
  const LogisticUnit unit =
      fit_logistic({.genuine = {scores.genuine}, .impostor = {scores.impostor}});
  ProbabilityFit fit{unit.slopes.front(), unit.offset, {}};
  if (!(fit.slope > 0))
    throw Error(ErrorCode::invalid_argument,
                "pairs of one person do not look more alike than pairs of different people; are "
                "the pictures sorted into the right folders?");
  if (form == ProbabilityForm::isotonic) fit.curve = fit_isotonic(scores.genuine, scores.impostor);
  return fit;
}

Reliability cross_measured(const std::vector<PairScores>& folds, ProbabilityForm form) {
  std::vector<JudgedPair> judged;
  for (std::size_t held_out = 0; held_out < folds.size(); ++held_out) {
    PairScores others;
    for (std::size_t k = 0; k < folds.size(); ++k)
      if (k != held_out) append(others, folds[k]);
    const ProbabilityFit fit = fit_probability(others, form);
    for (const float x : folds[held_out].genuine) judged.push_back({fit.at(x), true});
    for (const float x : folds[held_out].impostor) judged.push_back({fit.at(x), false});
  }
  return measure_reliability(judged, Balance::classes);
}

double log_loss(const PairScores& dissimilarities) {
  const auto mean = [](const std::vector<float>& values, double sign) {
    double sum = 0;
    for (const float value : values)
      sum += std::max(sign * value, 0.0) + std::log1p(std::exp(-std::abs(value)));
    return sum / static_cast<double>(values.size());
  };
  return (mean(dissimilarities.genuine, 1) + mean(dissimilarities.impostor, -1)) / 2;
}

}  // namespace likeness
