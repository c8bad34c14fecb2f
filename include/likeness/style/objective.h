#pragma once

/// J(G): what makes a picture a painting of the content in the style (costs.h), with its gradient,
/// for pictures of one size. What the content and the styles look like to the network is computed
/// once. A large picture is taken in tiles, with the cost and gradient of the whole (below). One
/// object belongs to one thread at a time.
///
///     StyleObjective objective(network, content, {style}, weights, {});
///     const Costs costs = objective.evaluate(picture, &gradient);

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/style/costs.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

struct CostWeights {
  double content = 1;
  double style = 30;
  double variation = 0;  ///< of squared_variation
  std::map<net::Tap, double> content_layers = {{net::Tap::relu4_1, 1}};
  std::map<net::Tap, double> style_layers = {{net::Tap::relu1_1, 1},
                                             {net::Tap::relu2_1, 1},
                                             {net::Tap::relu3_1, 1},
                                             {net::Tap::relu4_1, 1}};
  StyleLoss style_loss = StyleLoss::gram;
  GramScale gram_scale = GramScale::mean;

  /// The deepest layer that has a weight.
  net::Tap last_tap() const;
};

/// Throws Error(invalid_argument) for layers that `network` does not have, negative weights, and no
/// weight above 0.
void check_weights(const CostWeights& weights, const PerceptualNetwork& network);

/// What a style looks like to the network: for each layer that has a weight its moments, or its
/// sorted projections in lifted space.
struct StyleTarget {
  std::map<net::Tap, Moments> moments;          ///< before the lift
  std::map<net::Tap, SlicedStyle> projections;  ///< with StyleLoss::sliced
};

/// Computes that. `picture` as PerceptualNetwork::features takes it; `mask`: [H, W] in 0…1, the
/// part of the picture that counts; undefined: all of it. `seed` draws the directions of
/// projections.
StyleTarget style_target(const PerceptualNetwork& network, const at::Tensor& picture,
                         const at::Tensor& mask, const CostWeights& weights, std::uint64_t seed);

/// A style, how much of it is wanted, and where.
struct StylePart {
  StyleTarget target;
  double share = 1;  ///< factor of its cost
  at::Tensor mask;   ///< [H, W] in 0…1 at the size of the content; undefined: everywhere
};

struct Costs {
  double content = 0;    ///< J_content, not weighted
  double style = 0;      ///< J_style, sum over layers and styles
  double variation = 0;  ///< not weighted
  double total = 0;      ///< the weighted sum
};

/// Tiles: each is computed with a border of the network's reach, so that what its inner part sees
/// is what it would see in the whole picture. A first pass sums the moments of all tiles; a second
/// one takes each tile's gradient with the cost's derivative at those sums. Twice the forward work,
/// and exactly the whole picture's gradient: no seams, so nothing has to be shifted to hide them.
/// It is gradient checkpointing with tiles for segments.
struct TileOptions {
  std::int64_t side = 0;  ///< of the inner part, a multiple of 16; 0: the picture as a whole
};

class StyleObjective {
 public:
  /// `content`: as PerceptualNetwork::features takes it. Keeps a reference to `network`.
  /// Throws Error as check_weights does, unavailable for StyleLoss::sliced in tiles.
  StyleObjective(const PerceptualNetwork& network, const at::Tensor& content,
                 std::vector<StylePart> styles, const CostWeights& weights,
                 const TileOptions& tiles);

  /// The costs of `picture`, float32 [1, 3, H, W], of the content's size; with `gradient` also
  /// dJ/dG.
  Costs evaluate(const at::Tensor& picture, at::Tensor* gradient = nullptr) const;

  StyleObjective(StyleObjective&&) noexcept;
  ~StyleObjective();

 private:
  class Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace likeness
