#pragma once

#include <ATen/ATen.h>

namespace likeness::net {

/// How much each of K maps [K, H, W] rules at each position of x [1, C, H', W']: [H'·W', K].
inline at::Tensor share_of(const at::Tensor& maps, const at::Tensor& x) {
  return at::adaptive_avg_pool2d(maps.unsqueeze(0), {x.size(2), x.size(3)})[0].flatten(1).t();
}

}  // namespace likeness::net
