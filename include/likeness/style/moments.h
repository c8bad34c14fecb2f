#pragma once

/// What a style cost looks at: the first two moments of a layer's activations over all positions.
///
/// The Gram matrix of Gatys et al. 2016 (eq. 3), F·Fᵀ, divided by the number of positions, is the
/// uncentred second moment; with the mean it gives variances and covariances too. As sums over
/// positions, moments of a large picture are put together from those of its parts, and moments
/// under a mask are weighted sums (Gatys et al. 2017, eq. 5: guided Gram matrices). Pure functions,
/// safe to call from many threads; gradients flow through all of them.

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

struct Moments {
  at::Tensor mean;  ///< [C] float32: Σ w·f / Σ w
  at::Tensor second;  ///< [C, C] float32: Σ w·f·fᵀ / Σ w; with w = 1 the Gram matrix over positions
};

/// Of `features` [1, C, H, W] (float32 or bfloat16, sums are float32; float64 stays so), without a
/// copy where they are channels-last. `weights`: [H, W] float32, at least 0 with a sum above 0,
/// through which no gradient flows; undefined: 1 everywhere.
Moments moments(const at::Tensor& features, const at::Tensor& weights = {});

/// The moments of M·f + o, from those of f: mean M·m + o, second M·G·Mᵀ + M·m·oᵀ + o·(M·m)ᵀ + o·oᵀ.
Moments lifted(const Moments& moments, const Lift& lift);

/// M·f + o at every position: [1, C, H, W] → [1, C', H, W], float32.
at::Tensor lifted(const at::Tensor& features, const Lift& lift);

/// [C']: the variances of M·f + o, the diagonal of M·Cov·Mᵀ, from the moments of f.
at::Tensor lifted_variance(const Moments& moments, const Lift& lift);

/// [C]: √(variance + 1e-5), population variance.
at::Tensor standard_deviation(const Moments& moments);
/// [C, C]: second − mean·meanᵀ.
at::Tensor covariance(const Moments& moments);

}  // namespace likeness
