#include "train/painter_start.h"

#include <ATen/core/grad_mode.h>
#include <likeness/model/network.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {

net::PainterOptions painter_options(const TensorMap& start) {
  if (start.empty()) return {};
  net::PainterOptions options = painter_options_in(start, "the painter to start from");
  if (options.looks.empty()) options.looks = net::PainterOptions{}.looks;
  return options;
}

void load_start(net::PainterImpl& painter, const TensorMap& start) {
  if (!painter_options_in(start, "the painter to start from").looks.empty()) {
    load_parameters(painter, start);
    return;
  }
  load_parameters(*painter.encoder, start, "encoder.");
  for (net::Retouch& look : painter.retouches) look->retrace(*painter.encoder);
  TensorMap all = start;
  for (const auto& item : painter.named_parameters())
    if (item.key().starts_with("retouch.")) all.try_emplace(item.key(), item.value().detach());
  load_parameters(painter, all);
}

}  // namespace likeness
