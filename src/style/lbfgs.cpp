#include "style/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "style/across_scales.h"
#include "style/resized.h"

namespace likeness {
namespace {

/// Share of the promised decrease that a step must bring.
constexpr double kArmijo = 1e-4;
constexpr int kMaxTrials = 12;
/// The first step, when nothing is known of the cost's shape, moves no value further than this.
constexpr double kFirstMove = 0.05;

/// In the order of channels-last, which needs no copy where values lie so.
at::Tensor in_a_row(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).reshape({-1});
}

double inner_product(const at::Tensor& a, const at::Tensor& b) {
  return in_a_row(a).dot(in_a_row(b)).item<double>();
}

bool is_finite(const CostGradient& cost) {
  return std::isfinite(cost.value) &&
         (!cost.gradient.defined() || at::isfinite(cost.gradient.sum()).item<bool>());
}

/// 1 where a value may move: not at a bound that −gradient points out of.
at::Tensor free_values(const at::Tensor& picture, const at::Tensor& gradient) {
  const at::Tensor held = (picture.le(0).logical_and_(gradient.gt(0)))
                              .logical_or_(picture.ge(1).logical_and_(gradient.lt(0)));
  return held.logical_not_().to(at::kFloat);
}

}  // namespace

at::Tensor Lbfgs::direction(const at::Tensor& gradient) const {
  at::Tensor q = gradient.neg();
  std::vector<double> alphas(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    alphas[i] = inner_product(pairs_[i].s, q) / pairs_[i].sy;
    q.sub_(pairs_[i].y, alphas[i]);
  }
  if (pairs_.empty())
    q.mul_(kFirstMove / std::max(q.abs().max().item<double>(), 1e-30));
  else
    q = across_scales(q).mul_(pairs_.back().sy / pairs_.back().ysy);
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const double beta = inner_product(pairs_[i].y, q) / pairs_[i].sy;
    q.add_(pairs_[i].s, alphas[i] - beta);
  }
  return q;
}

Lbfgs::Trial Lbfgs::search(const at::Tensor& picture, const at::Tensor& direction,
                           const PictureCost& cost) const {
  double length = 1;
  for (int i = 0; i < kMaxTrials; ++i) {
    Trial trial{.picture = at::clamp(picture + direction * length, 0, 1), .cost = {}};
    const double promised = inner_product(here_.gradient, trial.picture - picture);
    if (!(promised < 0)) return {};
    trial.cost = cost(trial.picture);
    const double change = trial.cost.value - here_.value;
    if (change <= kArmijo * promised && is_finite(trial.cost)) return trial;
    // The minimum of the parabola through what is known, within bounds.
    const double best = std::isfinite(change) ? -promised / (2 * (change - promised)) : 0.1;
    length *= std::clamp(best, 0.1, 0.5);
  }
  return {};
}

void Lbfgs::remember(const at::Tensor& from, const Trial& to) {
  if (!to.cost.gradient.defined()) return;
  Pair pair{.s = to.picture - from, .y = to.cost.gradient - here_.gradient};
  pair.y.mul_(pair.s.ne(0));  // held values tell nothing of the free ones
  pair.sy = inner_product(pair.s, pair.y);
  const double product = inner_product(pair.y, pair.y) * inner_product(pair.s, pair.s);
  if (!(pair.sy > 1e-10 * std::sqrt(product))) return;  // not convex here
  pair.ysy = inner_product(pair.y, across_scales(pair.y));
  pairs_.push_back(std::move(pair));
  if (pairs_.size() > history_) pairs_.pop_front();
}

PictureStep Lbfgs::last_step(at::Tensor& picture, const PictureCost& cost,
                             const PictureValue& value) {
  return step(picture, cost, [&value](const at::Tensor& tried) {
    return CostGradient{.value = value(tried), .gradient = {}};
  });
}

PictureStep Lbfgs::step(at::Tensor& picture, const PictureCost& cost, const PictureCost& tried) {
  PictureStep report;
  if (!here_.gradient.defined()) {
    here_ = cost(picture);
    if (!is_finite(here_))
      throw Error(ErrorCode::diverged, "the cost of the picture is not a finite number (" +
                                           number_text(here_.value) + ")");
  }
  report.value = here_.value;
  const at::Tensor may_move = free_values(picture, here_.gradient);
  const at::Tensor gradient = here_.gradient * may_move;
  for (const bool restarted : {false, true}) {
    if (restarted) {
      if (pairs_.empty()) break;
      pairs_.clear();
    }
    const at::Tensor way = direction(gradient).mul_(may_move);
    Trial trial = search(picture, way, tried);
    if (!trial.picture.defined()) continue;
    remember(picture, trial);
    picture = std::move(trial.picture);
    here_ = std::move(trial.cost);
    report.value = here_.value;
    report.moved = true;
    break;
  }
  return report;
}

void Lbfgs::resize(std::int64_t height, std::int64_t width) {
  here_ = {};
  for (Pair& pair : pairs_) {
    const double share =
        static_cast<double>(pair.s.size(2) * pair.s.size(3)) / static_cast<double>(height * width);
    pair.s = resized(pair.s, height, width);
    // Costs are means over pixels: the gradient of each falls as their number grows.
    pair.y = resized(pair.y, height, width).mul_(share);
    pair.sy = inner_product(pair.s, pair.y);
    pair.ysy = inner_product(pair.y, across_scales(pair.y));
  }
  std::erase_if(pairs_, [](const Pair& pair) { return !(pair.sy > 0); });
}

TensorMap Lbfgs::state() const {
  TensorMap state;
  state["lbfgs.pairs"] = at::tensor(static_cast<std::int64_t>(pairs_.size()));
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    state["lbfgs.s." + std::to_string(i)] = pairs_[i].s.clone();
    state["lbfgs.y." + std::to_string(i)] = pairs_[i].y.clone();
  }
  if (here_.gradient.defined()) {
    state["lbfgs.gradient"] = here_.gradient.clone();
    state["lbfgs.value"] = at::tensor(here_.value, at::kDouble);
  }
  return state;
}

void Lbfgs::restore(const TensorMap& state) {
  const auto find = [&state](const std::string& name) {
    const auto found = state.find(name);
    if (found == state.end())
      throw Error(ErrorCode::corrupt_file, "no '" + name + "': not the state of L-BFGS");
    return found->second.clone();
  };
  pairs_.clear();
  here_ = {};
  const auto count = find("lbfgs.pairs").item<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    Pair pair{.s = find("lbfgs.s." + std::to_string(i)), .y = find("lbfgs.y." + std::to_string(i))};
    pair.sy = inner_product(pair.s, pair.y);
    pair.ysy = inner_product(pair.y, across_scales(pair.y));
    pairs_.push_back(std::move(pair));
  }
  if (state.contains("lbfgs.gradient"))
    here_ = {.value = find("lbfgs.value").item<double>(), .gradient = find("lbfgs.gradient")};
}

}  // namespace likeness
