#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/style/objective.h>
#include <likeness/style/views.h>

namespace likeness {

/// The mean of a cost over views of the picture.
class ViewedObjective {
 public:
  /// The cost in one view: of content, styles and masks as they are seen in it.
  void add(View view, StyleObjective objective) {
    objectives_.emplace_back(view, std::move(objective));
  }

  std::size_t size() const { return objectives_.size(); }
  /// The first view's costs of `picture` and their gradient: evaluate() takes them once, for that
  /// very tensor, instead of computing them.
  void knows(const at::Tensor& picture, const Costs& costs, const at::Tensor& gradient) {
    known_ = {picture, costs, gradient};
  }

  /// The costs of `picture` as StyleObjective::evaluate takes it; with `gradient` also dJ/dG. At
  /// least one view must have been added.
  Costs evaluate(const at::Tensor& picture, at::Tensor* gradient = nullptr);
  /// How many times evaluate() computed the costs in one view.
  int looks() const { return looks_; }
  /// In the first view that was added.
  Costs first(const at::Tensor& picture) const {
    return objectives_.front().second.evaluate(seen(picture, objectives_.front().first));
  }

 private:
  struct Known {
    at::Tensor picture;
    Costs costs;
    at::Tensor gradient;
  };

  std::vector<std::pair<View, StyleObjective>> objectives_;
  Known known_;
  int looks_ = 0;
};

}  // namespace likeness
