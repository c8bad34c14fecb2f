#pragma once

/// What the ways of painting share: pictures, masks and networks, from what was typed.

#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/style/stylise.h>

#include "style_options.h"

namespace likeness::cli {

/// The largest memory that this process has had, in 10⁶ bytes.
double peak_memory_mb();

/// Throws Error when OUT could not be written, or would replace a picture that it is made from.
void check_output(const StyleCommand& options);

/// Whether "f32", "bf16" or "auto" means bfloat16 there. Throws Error(invalid_argument) for others.
bool bf16_for(const std::string& precision, c10::Device device);

/// A slim network: "vgg_half", which is built in, or a folder.
PerceptualNetwork open_student(const std::string& name, c10::Device device,
                               const PerceptualOptions& options);

/// The network that --perceptual and --weights name.
PerceptualNetwork load_network(const StyleCommand& options, c10::Device device);

/// The styles with their shares, masks and regions; warns of masks that are stretched.
std::vector<StyleSource> read_styles(const StyleCommand& options, const Image& content,
                                     CommandContext& context);

}  // namespace likeness::cli
