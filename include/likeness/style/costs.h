#pragma once

/// Content cost, style cost and total variation: the terms of
///
///     J(G) = α·J_content(C, G) + β·J_style(S, G) + γ·J_tv(G)
///
/// (Gatys, Ecker and Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks", eq.
/// 7). Pure functions of tensors, safe to call from many threads; each returns a float32 scalar
/// through which gradients flow (float64 for float64, where a test wants to be exact).

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <likeness/style/moments.h>

namespace likeness {

/// Mean squared difference of activations of one layer (Gatys 2016, eq. 1, as a mean in place of
/// half a sum): [1, C, H, W] each, of equal size. `weights`: as in moments().
at::Tensor content_cost(const at::Tensor& generated, const at::Tensor& content,
                        const at::Tensor& weights = {});

/// What of a layer's moments must agree.
enum class StyleLoss {
  gram,         ///< Gram matrices (Gatys 2016, eq. 4 and 5)
  mean_std,     ///< means and standard deviations (Li et al. 2017; Huang and Belongie 2017)
  covariance,   ///< means and covariances
  wasserstein,  ///< squared 2-Wasserstein distance of Gaussians with these moments
  sliced,       ///< sliced Wasserstein distance (Heitz et al. 2021): needs the activations
};
/// "gram", "mean-std", "covariance", "wasserstein", "sliced".
std::string_view to_string(StyleLoss loss);
/// Throws Error(invalid_argument) with the names that there are.
StyleLoss style_loss_from_name(std::string_view name);

/// How Σ (Gram(G) − Gram(S))² is scaled. With Gram matrices over positions, F·Fᵀ / M, of C
/// channels:
enum class GramScale {
  mean,          ///< 1/C²: the mean of the squared differences (default)
  gatys,         ///< 1/(4·C²): Gatys 2016, eq. 4, for pictures of equal size
  neural_style,  ///< 1/C⁴: Johnson's neural-style divides Gram matrices by C·M, then takes the mean
};
/// "mean", "gatys", "neural-style".
std::string_view to_string(GramScale scale);
GramScale gram_scale_from_name(std::string_view name);

/// The style cost of one layer, for every kind but `sliced`, which moments cannot tell. Zero when
/// the moments agree.
///   gram:        scale · Σ (second(G) − second(S))²
///   mean_std:    mean of (mean difference)² + mean of (standard deviation difference)²
///   covariance:  mean of (mean difference)² + mean over C×C of (covariance difference)²
///   wasserstein: (‖mean difference‖² + tr(Σ_G + Σ_S − 2·(Σ_S^½ Σ_G Σ_S^½)^½)) / C
/// For `wasserstein`, 1e-4 is added to the variances of both, so that gradients are finite where
/// covariances are singular, even zero; they reach `generated` alone, and once.
at::Tensor style_cost(const Moments& generated, const Moments& style, StyleLoss loss,
                      GramScale scale = GramScale::mean);

/// What a lift does to distances: costs between lifted activations and moments, computed from those
/// before the lift with half the matrix products or fewer.
struct LiftMetric {
  std::int64_t channels = 0;  ///< of the teacher, C'
  at::Tensor matrix = {};     ///< [C, C]: MᵀM; undefined: the lift is the identity
  at::Tensor mixed = {};      ///< [C]: Mᵀo
  double offset_square = 0;   ///< oᵀo
};
/// `channels`: of the tap, C.
LiftMetric metric_of(const Lift& lift, std::int64_t channels);

/// content_cost of the lifted activations: with d the difference of two positions before the lift,
/// the mean over positions of dᵀ·MᵀM·d / C'. [1, C, H, W] each. Differentiable once.
at::Tensor lifted_content_cost(const at::Tensor& generated, const at::Tensor& content,
                               const LiftMetric& metric);

/// style_cost of the lifted moments with StyleLoss::gram. With D the difference of the second
/// moments before the lift and v that of the means, it is the scale times
/// ‖M·D·Mᵀ + M·v·oᵀ + o·(M·v)ᵀ‖² = tr(K·D·K·D) + 4·vᵀ·K·D·Mᵀo + 2·(vᵀKv·oᵀo + (vᵀMᵀo)²), K = MᵀM.
at::Tensor lifted_gram_cost(const Moments& generated, const Moments& style,
                            const LiftMetric& metric, GramScale scale = GramScale::mean);

/// Sorted projections of the style's activations, for the sliced Wasserstein distance.
struct SlicedStyle {
  at::Tensor directions;  ///< [K, C'] of unit length, in lifted space
  at::Tensor quantiles;   ///< [K, Q] float32, ascending
};
/// Projects `features` [1, C, H, W], lifted, on `directions` and keeps `count` quantiles of each,
/// at the levels (i + ½) / count.
SlicedStyle sliced_style(const at::Tensor& features, const Lift& lift, const at::Tensor& directions,
                         std::int64_t count);
/// Mean squared difference of the sorted projections of `generated` and the style's quantiles,
/// which are interpolated to as many.
at::Tensor sliced_style_cost(const at::Tensor& generated, const Lift& lift,
                             const SlicedStyle& style);

/// Mean |difference| of neighbours across plus that of neighbours down, over all channels:
/// [1, 3, H, W]. Zero along a side of one pixel.
at::Tensor total_variation(const at::Tensor& picture);
/// The same with squares: smooth everywhere, what the optimiser takes.
at::Tensor squared_variation(const at::Tensor& picture);

}  // namespace likeness
