#include <algorithm>
#include <array>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/net/painter.h>
#include <likeness/net/product.h>

#include "net/gaussian_transport.h"
#include "net/painter_parts.h"
#include "net/share_of.h"

namespace likeness::net {
namespace {

/// [N, C, H, W] → N times [H·W, C]
std::vector<torch::Tensor> rows_of(const torch::Tensor& x) {
  return x.permute({0, 2, 3, 1}).flatten(1, 2).unbind();
}

torch::Tensor pictures_of(const std::vector<torch::Tensor>& rows, const torch::Tensor& like) {
  const torch::Tensor all = rows.size() == 1 ? rows[0].unsqueeze(0) : at::stack(rows);
  return all.view({like.size(0), like.size(2), like.size(3), -1}).permute({0, 3, 1, 2});
}

/// What each code's part of a painting is carried from at look `number`: [K, …], or [N, …]
/// without maps.
FeatureMoments painted_moments(const torch::Tensor& x, std::size_t scale, std::size_t number,
                               const PainterStyling& styling) {
  if (styling.painted == nullptr && !styling.maps.defined()) return feature_moments(x);
  std::vector<torch::Tensor> means;
  std::vector<torch::Tensor> covariances;
  for (std::int64_t k = 0; k < styling.codes.size(0); ++k) {
    if (styling.painted != nullptr) {
      const PainterStatistics& given = styling.painted->at(number).at(static_cast<std::size_t>(k));
      means.push_back(given.means.at(scale).unsqueeze(0));
      covariances.push_back(given.covariances.at(scale).unsqueeze(0));
      continue;
    }
    // A code that rules nowhere has nothing to be measured.
    const torch::Tensor map = styling.maps[k];
    const FeatureMoments own =
        feature_moments(x, map.sum().item<float>() > 0 ? map : torch::Tensor());
    means.push_back(own.mean);
    covariances.push_back(own.covariance);
  }
  return {.mean = at::cat(means), .covariance = at::cat(covariances)};
}

}  // namespace

torch::Tensor PainterImpl::missed(const torch::Tensor& seen, const torch::Tensor& content,
                                  PainterScale scale, std::size_t number,
                                  const PainterStyling& styling) const {
  const std::size_t s = index_of(scale);
  const torch::Tensor x = seen.to(at::kFloat);
  const torch::Tensor& weight = retouches[number]->style[s];
  const torch::Tensor own = weight + retouches[number]->content[s];
  Carrying target =
      followed_by(carrying_to(painted_moments(x, s, number, styling),
                              roots_in(styling.codes, scale), means_in(styling.codes, scale)),
                  weight, at::zeros({weight.size(0)}, weight.options()));
  const std::vector<torch::Tensor> rows = rows_of(x);
  std::vector<torch::Tensor> pull;
  for (const torch::Tensor& photo : rows_of(content))
    pull.push_back(product(photo, retouches[number]->content[s].t()));
  if (styling.maps.defined()) {
    const torch::Tensor shares = share_of(styling.maps, x);
    torch::Tensor sum = pull[0] - product(rows[0], own.t());
    for (std::int64_t k = 0; k < shares.size(1); ++k)
      sum = sum + carried(rows[0], target, k) * shares.narrow(1, k, 1);
    return pictures_of({sum}, x);
  }
  target.matrices = target.matrices - own;
  std::vector<torch::Tensor> pictures;
  for (std::size_t n = 0; n < rows.size(); ++n)
    pictures.push_back(carried(rows[n], target, static_cast<std::int64_t>(n)).add_(pull[n]));
  return pictures_of(pictures, x);
}

torch::Tensor PainterImpl::retouched(torch::Tensor blocks, const PainterFeatures& content,
                                     const PainterStyling& styling, std::size_t looks) {
  for (std::size_t number = 0; number < std::min(looks, retouches.size()); ++number) {
    RetouchImpl& look = *retouches[number];
    const PainterGlance seen =
        encoder->glance(blocks - PainterEncoderImpl::kGrey, look.style.size());
    const std::array<torch::Tensor, kPainterScales> features = {seen.fine, seen.middle,
                                                                seen.coarse};
    std::vector<torch::Tensor> errors;
    for (std::size_t s = 0; s < look.style.size(); ++s)
      errors.push_back(
          missed(features[s], content[s], static_cast<PainterScale>(s), number, styling));
    blocks = (blocks + look.forward(seen, errors)).clamp(0, 1);
  }
  return blocks;
}

PainterFeatures PainterImpl::seen(const PainterFeatures& content, const PainterStyling& styling) {
  torch::Tensor blocks = first_blocks(content, styling);
  const std::size_t before = styling.painted == nullptr ? 0 : styling.painted->size();
  blocks = retouched(blocks, content, styling, before);
  const std::size_t scales =
      before < retouches.size() ? retouches[before]->style.size() : kPainterScales;
  const PainterGlance seen = encoder->glance(blocks - PainterEncoderImpl::kGrey, scales);
  return {seen.fine.to(at::kFloat), seen.middle.to(at::kFloat),
          seen.coarse.defined() ? seen.coarse.to(at::kFloat) : torch::Tensor()};
}

}  // namespace likeness::net
