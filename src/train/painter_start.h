#pragma once

/// The weights that a painter's training starts from.

#include <likeness/model/safetensors.h>
#include <likeness/net/painter.h>

namespace likeness {

/// Of the painter with the weights `start`; empty: of one with random weights. All retouch
/// (net/retouch.h): one of an earlier build learns it.
net::PainterOptions painter_options(const TensorMap& start);

/// The weights `start` into a painter with those options. Where they know no retouching, it begins
/// as descent under their encoder. Throws Error as load_parameters does.
void load_start(net::PainterImpl& painter, const TensorMap& start);

}  // namespace likeness
