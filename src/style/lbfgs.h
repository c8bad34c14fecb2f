#pragma once

#include <deque>
#include <utility>

#include <likeness/style/picture_optimiser.h>

namespace likeness {

/// Projected L-BFGS. Pixels at a bound that the gradient pushes outwards are held; on the others
/// the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) gives the direction, and the
/// step is projected on [0, 1] and shortened until the cost falls enough (Armijo). The recursion
/// starts from across_scales() in place of the identity.
class Lbfgs : public PictureOptimiser {
 public:
  explicit Lbfgs(int history) : history_(static_cast<std::size_t>(history)) {}

  PictureStep step(at::Tensor& picture, const PictureCost& cost) override {
    return step(picture, cost, cost);
  }
  PictureStep last_step(at::Tensor& picture, const PictureCost& cost,
                        const PictureValue& value) override;
  at::Tensor result(const at::Tensor& picture) const override { return picture; }
  void resize(std::int64_t height, std::int64_t width) override;
  CostGradient new_cost() override { return std::exchange(here_, {}); }
  TensorMap state() const override;
  void restore(const TensorMap& state) override;

 private:
  /// A step s and the difference y of the gradients at its ends.
  struct Pair {
    at::Tensor s;
    at::Tensor y;
    double sy = 0;   ///< s·y > 0
    double ysy = 0;  ///< y·across_scales(y)
  };
  struct Trial {
    at::Tensor picture;
    CostGradient cost;
  };

  /// `tried`: the cost of pictures that are tried; one without a gradient teaches nothing.
  PictureStep step(at::Tensor& picture, const PictureCost& cost, const PictureCost& tried);
  at::Tensor direction(const at::Tensor& gradient) const;
  /// Undefined picture: no length of step lowers the cost.
  Trial search(const at::Tensor& picture, const at::Tensor& direction,
               const PictureCost& cost) const;
  void remember(const at::Tensor& from, const Trial& to);

  std::size_t history_;
  std::deque<Pair> pairs_;
  CostGradient here_;  ///< at the picture that the last step gave
};

}  // namespace likeness
