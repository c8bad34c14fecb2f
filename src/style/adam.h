#pragma once

#include <likeness/style/picture_optimiser.h>

namespace likeness {

/// Adam (Kingma and Ba 2015, algorithm 1), each step projected on [0, 1], with a moving average of
/// the pictures as the result: it is smoother than any of them.
class Adam : public PictureOptimiser {
 public:
  explicit Adam(const PictureOptimiserOptions& options) : options_(options) {}

  PictureStep step(at::Tensor& picture, const PictureCost& cost) override;
  /// Never asks for the cost at the picture that it gives.
  PictureStep last_step(at::Tensor& picture, const PictureCost& cost,
                        const PictureValue& /*value*/) override {
    return step(picture, cost);
  }
  at::Tensor result(const at::Tensor& picture) const override;
  void resize(std::int64_t height, std::int64_t width) override;
  CostGradient new_cost() override { return {}; }
  TensorMap state() const override;
  void restore(const TensorMap& state) override;

 private:
  PictureOptimiserOptions options_;
  std::int64_t steps_ = 0;
  at::Tensor first_;    ///< mean of the gradients
  at::Tensor second_;   ///< mean of their squares
  at::Tensor average_;  ///< of the pictures, not yet divided by its weight
  double weight_ = 0;   ///< that `average_` has gathered, towards 1
};

}  // namespace likeness
