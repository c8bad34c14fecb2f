#include "train/least_squares.h"

#include <ATen/ATen.h>
#include <likeness/core/error.h>

namespace likeness {

void AffineLeastSquares::add(const at::Tensor& x, const at::Tensor& y) {
  LIKENESS_CHECK(x.dim() == 2 && y.dim() == 2 && x.size(0) == y.size(0));
  const at::Tensor wide = at::cat({x, at::ones({x.size(0), 1}, x.options())}, 1);
  const at::Tensor moments = wide.t().mm(wide).to(at::kDouble);
  const at::Tensor both = wide.t().mm(y).to(at::kDouble);
  moments_ = moments_.defined() ? moments_ + moments : moments;
  both_ = both_.defined() ? both_ + both : both;
  rows_ += static_cast<double>(x.size(0));
}

AffineMap AffineLeastSquares::solve(double ridge) const {
  LIKENESS_CHECK(moments_.defined());
  at::Tensor moments = moments_ / rows_;
  moments.diagonal().add_(ridge * moments.diagonal().mean());
  const at::Tensor solution = at::linalg_solve(moments, both_ / rows_).to(at::kFloat);
  const std::int64_t in = solution.size(0) - 1;
  return {.matrix = solution.narrow(0, 0, in).t().contiguous(), .offset = solution[in].clone()};
}

}  // namespace likeness
