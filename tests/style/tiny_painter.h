#pragma once

#include <ATen/core/grad_mode.h>
#include <likeness/net/painter.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {

/// Random weights of a painter with few channels, the same in each run.
inline TensorMap tiny_painter_weights() {
  net::Painter painter(
      net::PainterOptions{.widths = {8, 10, 12}, .blocks = {1, 1, 2}, .projected = 3, .hidden = 6});
  painter->initialise(3);
  TensorMap weights;
  for (const auto& item : painter->named_parameters())
    weights[item.key()] = item.value().detach().clone();
  return weights;
}

inline OnePassPainter tiny_painter() {
  return make_painter(tiny_painter_weights(), "tiny", {}, at::kCPU);
}

}  // namespace likeness
