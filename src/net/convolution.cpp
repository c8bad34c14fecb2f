#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/convolution.h>

#include "net/channels_last.h"
#include "net/learnable_prelu.h"
#include "net/packed_convolution.h"
#include "net/reflect_convolution.h"

namespace likeness::net {

ConvolutionImpl::ConvolutionImpl(const ConvolutionOptions& o) : options(o) {
  LIKENESS_CHECK(o.in > 0 && o.out > 0 && o.kernel > 0 && o.stride > 0 && o.groups > 0);
  LIKENESS_CHECK(o.in % o.groups == 0 && o.out % o.groups == 0);
  LIKENESS_CHECK(!o.reflect || (o.kernel == 3 && o.stride == 1 && o.groups == 1 &&
                                o.padding.before == 1 && o.padding.after == 1));
  weight = register_parameter("weight", torch::zeros({o.out, o.in / o.groups, o.kernel, o.kernel}));
  bias = register_parameter("bias", torch::zeros({o.out}));
  if (o.activation == Activation::prelu) slope = register_parameter("slope", torch::zeros({o.out}));
}

torch::Tensor ConvolutionImpl::forward(const torch::Tensor& x) {
  const auto& padding = options.padding;
  torch::Tensor y;
  const bool usable = packed_ && packed_->accepts(x);
  if (usable) {
    y = packed_->run(x);
    if (options.reflect) add_reflected_ring(y, x, ring_);
  } else if (options.reflect) {
    y = padded_convolution(x, weight.to(x.scalar_type()), bias.to(x.scalar_type()));
  } else {
    const bool even = padding.before == padding.after;
    const auto input =
        even ? x
             : at::constant_pad_nd(
                   x, {padding.before, padding.after, padding.before, padding.after}, 0);
    const std::int64_t both_sides = even ? padding.before : 0;
    // In training the weights may be more exact than the pictures.
    const auto type = x.scalar_type();
    y = at::conv2d(input, weight.to(type), bias.to(type), {options.stride, options.stride},
                   {both_sides, both_sides}, {1, 1}, options.groups);
  }
  const bool fused = usable && !options.reflect;
  if (options.activation == Activation::relu && !fused) return y.relu_();
  if (options.activation != Activation::prelu) return y;
  if (at::GradMode::is_enabled()) return learnable_prelu(y, slope);
  if (!is_plain(y)) return at::prelu(y, slope.to(y.scalar_type()));
  prelu_in_place(y, slope);
  return y;
}

bool ConvolutionImpl::pack(std::int64_t size, c10::optional<at::ScalarType> type) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor filters = weight.to(type.value_or(weight.scalar_type()));
  // oneDNN takes one padding for both sides: a row and a column of zeros before the filter shift
  // what {p, p + 1} would see to where {p + 1, p + 1} sees it.
  const auto missing = options.padding.after - options.padding.before;
  LIKENESS_CHECK(missing >= 0);
  if (missing > 0) filters = at::constant_pad_nd(filters, {missing, 0, missing, 0}, 0);
  packed_ =
      PackedConvolution::make(filters, bias.to(filters.scalar_type()),
                              {.stride = options.stride,
                               .padding = options.padding.after,
                               .groups = options.groups,
                               .size = size,
                               .relu = options.activation == Activation::relu && !options.reflect});
  if (packed_ != nullptr && options.reflect) ring_ = ring_filters(filters);
  return packed_ != nullptr;
}

}  // namespace likeness::net
