#include "train/pair_fit.h"

#include <cmath>
#include <cstdint>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/train/pair_unit.h>
#include <torch/optim/lbfgs.h>

namespace likeness {
namespace {

at::Tensor to_tensor(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::kLong);
}

}  // namespace

PairData pair_data(const at::Tensor& encodings, const PairSample& pairs, PairForm form,
                   bool with_distance) {
  const at::Tensor first = encodings.index_select(0, to_tensor(pairs.first)).to(at::kDouble);
  const at::Tensor second = encodings.index_select(0, to_tensor(pairs.second)).to(at::kDouble);
  const at::Tensor inputs = pair_inputs(form, first, second);
  std::vector<std::int64_t> same(pairs.same_person.begin(), pairs.same_person.end());
  const at::Tensor distance = (first - second).square().sum(1);
  return {.inputs = inputs,
          .base = with_distance ? distance : inputs.sum(1),
          .squared_distance = distance,
          .same_person = to_tensor(same).to(at::kBool)};
}

at::Tensor dissimilarities(const UnitParameters& unit, const PairData& data) {
  return unit.base * data.base + data.inputs.matmul(unit.weights) - unit.offset;
}

PairFit::PairFit(const PairData& data) : same_person_(data.same_person) {
  const at::Tensor all = at::cat({data.inputs, data.base.unsqueeze(1)}, 1);
  const std::int64_t inputs = data.inputs.size(1);
  mean_ = all.mean(0);
  at::Tensor deviation = all.std(0, /*unbiased=*/false);
  // An input that is always the same can say nothing; its weight stays 0.
  deviation = at::where(deviation > 1e-12, deviation, at::ones_like(deviation));
  scale_ = deviation.clone();
  scale_.slice(0, 0, inputs).mul_(std::sqrt(static_cast<double>(inputs)));
  inputs_ = at::cat({(all - mean_) / scale_, at::ones({all.size(0), 1}, at::kDouble)}, 1);
  start_ = at::zeros({inputs + 2}, at::kDouble);
}

UnitParameters PairFit::fit(double strength) {
  const std::int64_t inputs = inputs_.size(1) - 2;
  at::Tensor parameters = start_.clone().requires_grad_();
  torch::optim::LBFGS optimiser({parameters}, torch::optim::LBFGSOptions(1)
                                                  .max_iter(300)
                                                  .max_eval(400)
                                                  .history_size(20)
                                                  .tolerance_grad(1e-7)
                                                  .tolerance_change(1e-11)
                                                  .line_search_fn("strong_wolfe"));
  optimiser.step([&] {
    optimiser.zero_grad();
    // The last one is the offset; all others are subtracted.
    const at::Tensor logits = 2 * parameters.slice(0, inputs + 1) - inputs_.matmul(parameters);
    const at::Tensor weights = parameters.slice(0, 0, inputs);
    at::Tensor loss = pair_loss(logits, same_person_) + 0.5 * strength * weights.square().sum();
    loss.backward();
    return loss;
  });
  start_ = parameters.detach();
  const at::Tensor slopes = start_.slice(0, 0, inputs + 1) / scale_;
  const double offset = start_[inputs + 1].item<double>() + slopes.dot(mean_).item<double>();
  return {.weights = slopes.slice(0, 0, inputs).clone(),
          .base = slopes[inputs].item<double>(),
          .offset = offset};
}

}  // namespace likeness
