#pragma once

#include <cstddef>

#include <likeness/net/convolution.h>
#include <likeness/net/painter_encoder.h>
#include <torch/nn/modules/container/modulelist.h>

namespace likeness::net {

constexpr std::size_t index_of(PainterScale scale) {
  return static_cast<std::size_t>(scale);
}

/// Number `index` of a list of convolutions.
inline ConvolutionImpl& layer(const torch::nn::ModuleList& list, std::size_t index) {
  return *(*list)[index]->as<ConvolutionImpl>();
}

}  // namespace likeness::net
