#pragma once

/// The linear map that carries features with one mean and covariance to another mean and covariance
/// and moves them least: optimal transport between Gaussians,
///
///     T = S · (S Σ S)^(−½) · S    with S = Σ_style^½,  x ↦ T (x − μ) + μ_style
///
/// (Dowson and Landau 1982; Peyré and Cuturi 2019, "Computational optimal transport", remark 2.31;
/// as a style transfer Mroueh 2020, "Wasserstein style transfer"). Where only variances are looked
/// at, T is diagonal and this is AdaIN. Differentiable in everything; float64 within.

#include <cstdint>

#include <torch/types.h>

namespace likeness::net {

/// Added to variances, so that features that stand still are not blown up.
inline constexpr double kVarianceEpsilon = 1e-2;

/// Of features over their positions.
struct FeatureMoments {
  torch::Tensor mean;        ///< [N, C]
  torch::Tensor covariance;  ///< [N, C, C]
};

/// x: [N, C, H, W]. `mask`: [H', W'] in 0…1, the part of one picture that counts, brought to x's
/// size; undefined: all.
FeatureMoments feature_moments(const torch::Tensor& x, const torch::Tensor& mask = {});

/// [N, C, C] → covariances with kVarianceEpsilon and a fiftieth of their mean added to all
/// variances, so that directions that hardly occur are not blown up either.
torch::Tensor ridged(const torch::Tensor& covariance);

/// [N, C, C] symmetric, positive → C^½ and C^(−½). All NaN where one number is not finite.
torch::Tensor square_root(const torch::Tensor& matrices);
torch::Tensor inverse_square_root(const torch::Tensor& matrices);

/// T of the above, [N, C, C]. `covariance`: [N, C, C] or [1, C, C], as measured; `style_root`:
/// [N, C, C], square_root(ridged(the style's covariance)), or learned: its symmetric part counts.
torch::Tensor transport(const torch::Tensor& covariance, const torch::Tensor& style_root);

/// x ↦ M·x + s, one map for each style.
struct Carrying {
  torch::Tensor matrices;  ///< [N, C', C]
  torch::Tensor shifts;    ///< [N, C']
};

/// Carries features with `moments` to styles with means `means` [N, C] and covariances of which
/// `roots` [N, C, C] are the roots.
Carrying carrying_to(const FeatureMoments& moments, const torch::Tensor& roots,
                     const torch::Tensor& means);
/// The same with weight·y + bias behind it; weight: [C'', C'].
Carrying followed_by(const Carrying& first, const torch::Tensor& weight, const torch::Tensor& bias);
/// Rows [P, C] of one picture by the map number `style`: [P, C'].
torch::Tensor carried(const torch::Tensor& rows, const Carrying& carrying, std::int64_t style);

}  // namespace likeness::net
