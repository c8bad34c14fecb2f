#pragma once

/// The penalised maximum-likelihood fit behind train_pair_classifier.

#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/train/pair_sampling.h>

namespace likeness {

/// Pairs as the unit sees them.
struct PairData {
  at::Tensor inputs;            ///< float64 [B, K]: x_k
  at::Tensor base;              ///< float64 [B]: the distance that goes without a penalty
  at::Tensor squared_distance;  ///< float64 [B]
  at::Tensor same_person;       ///< bool [B]
};

/// `encodings` float32 [N, D]. The base is ‖f1 − f2‖², or without the distance Σ x_k.
PairData pair_data(const at::Tensor& encodings, const PairSample& pairs, PairForm form,
                   bool with_distance);

/// The unit's numbers, in the units of the inputs.
struct UnitParameters {
  at::Tensor weights;  ///< float64 [K]
  double base = 0;     ///< weight of the base
  double offset = 0;   ///< b
};

/// −logit of each pair, float64 [B].
at::Tensor dissimilarities(const UnitParameters& unit, const PairData& data);

/// Fits units to the same pairs with one penalty after the other, each starting where the one
/// before it ended.
class PairFit {
 public:
  explicit PairFit(const PairData& data);

  /// Minimises pair_loss + strength/2 · K · Σ (w_k · s_k)², s_k the standard deviation of input k,
  /// by L-BFGS. Convex: the result does not depend on the start, but for rounding.
  UnitParameters fit(double strength);

 private:
  at::Tensor inputs_;  ///< standardised and divided by √K, with base and constant: [B, K + 2]
  at::Tensor same_person_;
  at::Tensor mean_;
  at::Tensor scale_;
  at::Tensor start_;  ///< [K + 2]
};

}  // namespace likeness
