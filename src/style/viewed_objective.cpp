#include "style/viewed_objective.h"

#include <ATen/ATen.h>

namespace likeness {

Costs ViewedObjective::evaluate(const at::Tensor& picture, at::Tensor* gradient) const {
  if (objectives_.size() == 1 && objectives_.front().first == View::plain)
    return objectives_.front().second.evaluate(picture, gradient);
  const double share = 1 / static_cast<double>(objectives_.size());
  Costs mean;
  if (gradient != nullptr) *gradient = at::zeros_like(picture);
  for (const auto& [view, objective] : objectives_) {
    at::Tensor slope;
    const Costs costs =
        objective.evaluate(seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast),
                           gradient != nullptr ? &slope : nullptr);
    mean.content += share * costs.content;
    mean.style += share * costs.style;
    mean.variation += share * costs.variation;
    mean.total += share * costs.total;
    if (gradient != nullptr) gradient->add_(unseen(slope, view), share);
  }
  return mean;
}

}  // namespace likeness
