#pragma once

/// Gradient descent on a picture whose values stay inside [0, 1].
///
/// Classic scripts let the pixels run free and clip them at the end, which multiplies the cost by
/// up to three. Here every picture on the way is one that can be saved. One object belongs to one
/// thread at a time.
///
///     const auto optimiser = make_picture_optimiser({.method = PictureMethod::lbfgs});
///     for (int i = 0; i < 100; ++i) optimiser->step(picture, objective);
///     save(optimiser->result(picture));

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <likeness/model/safetensors.h>

namespace likeness {

/// A cost and its gradient at a picture.
struct CostGradient {
  double value = 0;
  at::Tensor gradient;  ///< as the picture; may hold NaN where `value` is not finite
};
/// The cost that is minimised: takes float32 [1, 3, H, W] in [0, 1].
using PictureCost = std::function<CostGradient(const at::Tensor& picture)>;
/// The same without its gradient, in a third of the time.
using PictureValue = std::function<double(const at::Tensor& picture)>;

enum class PictureMethod {
  lbfgs,  ///< limited-memory BFGS (Liu and Nocedal 1989), projected on the box (Bertsekas 1982)
  adam,   ///< Adam (Kingma and Ba 2015); the result is a moving average of the pictures
};
std::string_view to_string(PictureMethod method);
/// Throws Error(invalid_argument) with the names that there are.
PictureMethod picture_method_from_name(std::string_view name);

struct PictureOptimiserOptions {
  PictureMethod method = PictureMethod::lbfgs;
  int history = 20;             ///< L-BFGS: pairs of steps and gradient differences that are kept
  double learning_rate = 0.02;  ///< Adam
  double beta1 = 0.9;           ///< Adam
  double beta2 = 0.99;          ///< Adam
  double average = 0.99;        ///< Adam: decay of the moving average
};

struct PictureStep {
  double value = 0;    ///< cost at the new picture; Adam: at the old one
  bool moved = false;  ///< false: no step makes the cost smaller any more
};

class PictureOptimiser {
 public:
  virtual ~PictureOptimiser() = default;

  /// Replaces `picture`, float32 [1, 3, H, W], by a better one, all values in [0, 1]. A cost that
  /// is not finite is stepped back from; L-BFGS never lets the cost rise. Throws Error(diverged)
  /// when it is not finite at `picture` itself.
  virtual PictureStep step(at::Tensor& picture, const PictureCost& cost) = 0;

  /// As step(), when no other follows: at pictures that are tried, `value` is asked where the
  /// gradient would serve later steps alone. A step that follows all the same finds its own.
  virtual PictureStep last_step(at::Tensor& picture, const PictureCost& cost,
                                const PictureValue& value) = 0;

  /// The picture to show: that of the last step, or an average.
  virtual at::Tensor result(const at::Tensor& picture) const = 0;

  /// The next picture is of height × width: what was learned about the cost's shape is carried over
  /// by scaling, with gradients per pixel that shrink as pixels get more.
  virtual void resize(std::int64_t height, std::int64_t width) = 0;
  /// The cost is another one from now on (another network, other weights): forgets its values, and
  /// returns the last one at the picture; without a gradient if it is not known.
  virtual CostGradient new_cost() = 0;

  /// Everything there is to the optimiser, for a checkpoint; copies.
  virtual TensorMap state() const = 0;
  /// Throws Error(corrupt_file) for a state of another method.
  virtual void restore(const TensorMap& state) = 0;
};

std::unique_ptr<PictureOptimiser> make_picture_optimiser(const PictureOptimiserOptions& options);

}  // namespace likeness
