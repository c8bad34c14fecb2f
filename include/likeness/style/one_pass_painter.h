#pragma once

#include <string>

#include <likeness/model/safetensors.h>
#include <likeness/net/painter.h>

namespace likeness {

/// The sizes of the painter whose weights these are. `name` stands for them in errors.
/// Throws Error(corrupt_file) that says what is missing or has another shape.
net::PainterOptions painter_options_in(const TensorMap& weights, const std::string& name);

}  // namespace likeness
