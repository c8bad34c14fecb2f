#include "net/reflect_convolution.h"

#include <array>
#include <tuple>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <torch/csrc/autograd/custom_function.h>

#include "net/channels_last.h"

namespace likeness::net {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// One of the four sides of a picture. Lines are counted from the border inwards.
struct Side {
  std::int64_t dimension;  ///< 2: top and bottom, 3: left and right
  bool at_end;

  std::int64_t other() const { return 5 - dimension; }
  /// Line `index` of x, as a view that keeps all dimensions.
  torch::Tensor line(const torch::Tensor& x, std::int64_t index) const {
    return x.narrow(dimension, at_end ? x.size(dimension) - 1 - index : index, 1);
  }
  /// The outermost line of filters: what meets the ring.
  torch::Tensor filter(const torch::Tensor& weight) const { return line(weight, 0); }
};

constexpr std::array<Side, 4> kSides = {{{2, false}, {2, true}, {3, false}, {3, true}}};

/// Rows of the ring reach over its corners; columns do not, so that corners count once.
bool has_corners(const Side& side) {
  return side.dimension == 2;
}

/// A line with its two ends reflected along `dimension`.
torch::Tensor with_reflected_ends(const torch::Tensor& line, std::int64_t dimension) {
  return at::cat(
      {line.narrow(dimension, 1, 1), line, line.narrow(dimension, line.size(dimension) - 2, 1)},
      dimension);
}

/// The transpose of with_reflected_ends.
torch::Tensor fold_ends(const torch::Tensor& line, std::int64_t dimension) {
  const std::int64_t size = line.size(dimension) - 2;
  torch::Tensor folded = line.narrow(dimension, 1, size).clone();
  folded.narrow(dimension, 1, 1).add_(line.narrow(dimension, 0, 1));
  folded.narrow(dimension, size - 2, 1).add_(line.narrow(dimension, size + 1, 1));
  return folded;
}

/// The gradient of a convolution's input of size height × width. (Transposed convolutions would be
/// another way, but not in bfloat16.)
torch::Tensor input_gradient(const torch::Tensor& g, const torch::Tensor& weight,
                             std::array<std::int64_t, 2> size,
                             std::array<std::int64_t, 2> padding) {
  // Only its shape is looked at; untouched memory is free.
  const torch::Tensor input = at::empty({g.size(0), weight.size(1), size[0], size[1]}, g.options(),
                                        at::MemoryFormat::ChannelsLast);
  return std::get<0>(at::convolution_backward(channels_last(g), input, weight, c10::nullopt, {1, 1},
                                              padding, {1, 1}, false, {0, 0}, 1,
                                              {true, false, false}));
}

/// Adds to the gradient of x what reaches it through the ring.
void add_ring_gradient(const torch::Tensor& gx, const torch::Tensor& g,
                       const torch::Tensor& weight) {
  for (const Side& side : kSides) {
    const bool row = has_corners(side);
    torch::Tensor ring = input_gradient(
        side.line(g, 0), channels_last(side.filter(weight)),
        row ? std::array{std::int64_t{1}, gx.size(3) + 2} : std::array{gx.size(2), std::int64_t{1}},
        row ? std::array<std::int64_t, 2>{0, 0} : std::array<std::int64_t, 2>{1, 0});
    if (row) ring = fold_ends(ring, side.other());
    side.line(gx, 1).add_(ring);
  }
}

struct ReflectConvolutionRelu : torch::autograd::Function<ReflectConvolutionRelu> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias) {
    torch::Tensor y = at::conv2d(x, weight, bias, {1, 1}, {1, 1});
    add_reflected_ring(y, x, ring_filters(weight));
    y.relu_();
    context->save_for_backward({y, weight});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& y = saved[0];
    const torch::Tensor& weight = saved[1];
    const torch::Tensor g =
        at::threshold_backward(gradients[0].contiguous(at::MemoryFormat::ChannelsLast), y, 0);
    torch::Tensor gx = input_gradient(g, weight, {y.size(2), y.size(3)}, {1, 1});
    add_ring_gradient(gx, g, weight);
    return {gx, torch::Tensor(), torch::Tensor()};
  }
};

/// A picture with a ring of reflected pixels. (Slices that automatic differentiation sees would
/// cost a picture of zeros each on the way back.) Can be differentiated twice.
struct ReflectedRing : torch::autograd::Function<ReflectedRing> {
  static torch::Tensor forward(AutogradContext*, const torch::Tensor& x) {
    return channels_last(with_reflected_ends(with_reflected_ends(x, 2), 3));
  }

  static variable_list backward(AutogradContext*, variable_list gradients) {
    return {fold_ends(fold_ends(gradients[0], 3), 2)};
  }
};

}  // namespace

RingFilters ring_filters(const torch::Tensor& weight) {
  RingFilters filters;
  for (std::size_t i = 0; i < kSides.size(); ++i)
    filters[i] = channels_last(kSides[i].filter(weight));
  return filters;
}

void add_reflected_ring(const torch::Tensor& y, const torch::Tensor& x,
                        const RingFilters& filters) {
  for (std::size_t i = 0; i < kSides.size(); ++i) {
    const Side& side = kSides[i];
    torch::Tensor ring = side.line(x, 1);  // what the padding shows
    std::array<std::int64_t, 2> padding = {0, 0};
    if (has_corners(side))
      ring = with_reflected_ends(ring, side.other());
    else
      padding[0] = 1;
    side.line(y, 0).add_(at::conv2d(channels_last(ring), filters[i], {}, {1, 1}, padding));
  }
}

torch::Tensor reflect_convolution_relu(const torch::Tensor& x, const torch::Tensor& weight,
                                       const torch::Tensor& bias) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(2) >= 2 && x.size(3) >= 2);
  LIKENESS_CHECK(!weight.requires_grad() && !bias.requires_grad());
  return ReflectConvolutionRelu::apply(x, weight, bias);
}

torch::Tensor padded_convolution(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(2) >= 2 && x.size(3) >= 2);
  return at::conv2d(ReflectedRing::apply(x), weight, bias);
}

torch::Tensor padded_convolution_relu(const torch::Tensor& x, const torch::Tensor& weight,
                                      const torch::Tensor& bias) {
  return padded_convolution(x, weight, bias).relu();
}

}  // namespace likeness::net
