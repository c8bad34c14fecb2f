#pragma once

/// The triplet loss: an anchor shall lie closer to a photo of the same person than to one of
/// anybody else, by a margin. All functions are differentiable, keep device and
/// dtype, and are safe to call from many threads.
///
///     auto loss = triplet_loss(anchor, positive, negative, {.margin = 0.2});
///     loss.backward();

#include <ATen/core/Tensor.h>

namespace likeness {

/// How the losses of T triplets become one number.
enum class TripletReduction {
  mean,         ///< sum / T: satisfied triplets count as zeros
  mean_active,  ///< sum / number of triplets with a loss above 0 (Hermans 2017, eq. 8, "≠ 0")
  sum,          ///< FaceNet, eq. 2
};

struct TripletLossOptions {
  /// α of FaceNet: how much farther, in squared distance on the unit sphere ([0, 4]), a negative
  /// must be. Not used by the soft margin.
  double margin = 0.2;
  /// softplus(s·(d_ap − d_an))/s instead of the hinge (Hermans 2017, section 2.3): never satisfied,
  /// pulls on as far as it can.
  bool soft_margin = false;
  /// s, how sharp the soft margin is. Distances on the unit sphere differ by less than 4, so that
  /// 1, the paper's choice for its unbounded distances, is blunt there; for s → ∞ it becomes the
  /// hinge without margin.
  double sharpness = 1;
  TripletReduction reduction = TripletReduction::mean;
};

/// FaceNet (Schroff 2015), eq. 2, for T triplets of encodings, rows of [T, D] tensors, a scalar:
///
///     Σ_i [ ‖a_i − p_i‖² − ‖a_i − n_i‖² + α ]₊
///
/// reduced as the options say. Encodings are meant to have length 1; nothing is normalised here.
/// With T = 0, or nothing active, the loss is 0 and its gradient is 0. At the hinge itself the
/// gradient is 0. Requires three floating-point tensors of one shape, margin ≥ 0, sharpness > 0.
at::Tensor triplet_loss(const at::Tensor& anchor, const at::Tensor& positive,
                        const at::Tensor& negative, const TripletLossOptions& options = {});

/// The same from distances, [T] each: how mined triplets (triplet_mining.h) are put in, whose
/// distances are entries of one matrix.
at::Tensor triplet_loss_of_distances(const at::Tensor& positive_distance,
                                     const at::Tensor& negative_distance,
                                     const TripletLossOptions& options = {});

/// [N, M]: ‖a_i − b_j‖² for rows of [N, D] and [M, D], in O(N·M·D) by one matrix product and
/// O(N·M) memory. Never negative. Its gradient 2·(a_i − b_j) is finite everywhere, and 0 where the
/// two are equal. Rounding in the product makes an error of about 1e-6 for rows of length 1 in
/// float32: use triplet_loss where much smaller distances matter.
at::Tensor squared_distances(const at::Tensor& a, const at::Tensor& b);

/// ‖a_i − b_j‖, from a matrix of squared distances. The gradient of √ is infinite at 0; where a
/// squared distance is below 1e-12 both distance and gradient are 0 instead.
at::Tensor euclidean_distances(const at::Tensor& squared);

}  // namespace likeness
