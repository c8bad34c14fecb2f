#include "style/viewed_objective.h"

#include <ATen/ATen.h>

namespace likeness {

Costs ViewedObjective::evaluate(const at::Tensor& picture, at::Tensor& gradient) const {
  const double share = 1 / static_cast<double>(objectives_.size());
  Costs mean;
  gradient = at::zeros_like(picture);
  for (const auto& [view, objective] : objectives_) {
    at::Tensor slope;
    const Costs costs =
        objective.evaluate(seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast), &slope);
    mean.content += share * costs.content;
    mean.style += share * costs.style;
    mean.variation += share * costs.variation;
    mean.total += share * costs.total;
    gradient.add_(unseen(slope, view), share);
  }
  return mean;
}

}  // namespace likeness
