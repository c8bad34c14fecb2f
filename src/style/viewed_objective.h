#pragma once

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

  /// The costs of `picture` as StyleObjective::evaluate takes it, and dJ/dG. At least one view must
  /// have been added.
  Costs evaluate(const at::Tensor& picture, at::Tensor& gradient) const;
  /// In the first view that was added.
  Costs first(const at::Tensor& picture) const {
    return objectives_.front().second.evaluate(seen(picture, objectives_.front().first));
  }

 private:
  std::vector<std::pair<View, StyleObjective>> objectives_;
};

}  // namespace likeness
