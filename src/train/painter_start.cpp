#include "train/painter_start.h"

#include <ATen/core/grad_mode.h>
#include <likeness/model/network.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {

net::PainterOptions painter_options(const TensorMap& start) {
  if (start.empty()) return {};
  net::PainterOptions options = painter_options_in(start, "the painter to start from");
  options.retouches = true;
  return options;
}

void load_start(net::PainterImpl& painter, const TensorMap& start) {
  if (painter_options_in(start, "the painter to start from").retouches) {
    load_parameters(painter, start);
    return;
  }
  load_parameters(*painter.encoder, start, "encoder.");
  painter.retouch->retrace(*painter.encoder);
  TensorMap all = start;
  for (const auto& item : painter.retouch->named_parameters())
    all["retouch." + item.key()] = item.value().detach();
  load_parameters(painter, all);
}

}  // namespace likeness
