#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {
namespace {

at::Tensor reduce(const at::Tensor& losses, TripletReduction reduction) {
  const at::Tensor sum = losses.sum();
  switch (reduction) {
    case TripletReduction::sum:
      return sum;
    case TripletReduction::mean_active:
      return sum / losses.detach().gt(0).sum().clamp_min(1);
    case TripletReduction::mean:
      break;
  }
  return sum / static_cast<double>(std::max<std::int64_t>(1, losses.size(0)));
}

}  // namespace

at::Tensor triplet_loss_of_distances(const at::Tensor& positive_distance,
                                     const at::Tensor& negative_distance,
                                     const TripletLossOptions& options) {
  LIKENESS_CHECK(positive_distance.dim() == 1 &&
                 positive_distance.sizes() == negative_distance.sizes());
  LIKENESS_CHECK(at::isFloatingType(positive_distance.scalar_type()));
  LIKENESS_CHECK(options.margin >= 0 && options.sharpness > 0);
  const at::Tensor excess = positive_distance - negative_distance;
  // relu, not clamp: its gradient at 0 is 0, so that a triplet on the margin is left in peace.
  return reduce(options.soft_margin ? at::softplus(excess, options.sharpness)
                                    : at::relu(excess + options.margin),
                options.reduction);
}

at::Tensor triplet_loss(const at::Tensor& anchor, const at::Tensor& positive,
                        const at::Tensor& negative, const TripletLossOptions& options) {
  LIKENESS_CHECK(anchor.dim() == 2 && anchor.sizes() == positive.sizes() &&
                 anchor.sizes() == negative.sizes());
  return triplet_loss_of_distances((anchor - positive).square().sum(1),
                                   (anchor - negative).square().sum(1), options);
}

at::Tensor squared_distances(const at::Tensor& a, const at::Tensor& b) {
  LIKENESS_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(1));
  const at::Tensor a_norms = a.square().sum(1).unsqueeze(1);
  const at::Tensor b_norms = b.square().sum(1).unsqueeze(0);
  return at::addmm(a_norms + b_norms, a, b.t(), 1, -2).clamp_min(0);
}

at::Tensor euclidean_distances(const at::Tensor& squared) {
  constexpr double kTiny = 1e-12;
  const at::Tensor apart = squared.detach().gt(kTiny).to(squared.scalar_type());
  return squared.clamp_min(kTiny).sqrt() * apart;
}

}  // namespace likeness
