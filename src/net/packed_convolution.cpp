#include "net/packed_convolution.h"

#include <array>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>

namespace likeness::net {
namespace {

c10::optional<c10::OperatorHandle> find_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

/// `x` as oneDNN must get it: without gaps. A view of part of one picture passes for that with
/// LibTorch, which ignores the stride of a dimension of size 1; oneDNN does not, and its answers
/// are wrong then.
torch::Tensor dense(const torch::Tensor& x) {
  const auto format = x.suggest_memory_format();
  const auto y = x.contiguous(format);
  const std::int64_t c = y.size(1);
  const std::int64_t h = y.size(2);
  const std::int64_t w = y.size(3);
  const std::array<std::int64_t, 4> strides =
      format == at::MemoryFormat::ChannelsLast ? std::array{c * h * w, std::int64_t{1}, w * c, c}
                                               : std::array{c * h * w, h * w, w, std::int64_t{1}};
  return y.strides() == at::IntArrayRef(strides) ? y : y.as_strided(y.sizes(), strides);
}

/// Layers take and free memory all the time. The C library (glibc) gives back to the system what is
/// free at the end of its heap beyond twice the largest block it has mapped and freed so far: with
/// networks, all they use, after every picture, and then the system has to fill the pages with
/// zeros again. Measured on mobilefacenet in batches of 8: 4.9 ms a face instead of 3.3. One block
/// of the largest size that counts moves that limit; nobody touches it, so it costs no memory.
void let_heap_keep_memory() {
  constexpr std::size_t kLargestThatCounts = (std::size_t{32} << 20) - (std::size_t{64} << 10);
  static const bool done = [] {
    void* volatile block = std::malloc(kLargestThatCounts);  // volatile: not optimised away
    std::free(block);
    return true;
  }();
  static_cast<void>(done);
}

/// Older processors compute no bfloat16; oneDNN says so only when it is asked to.
bool works(const PackedConvolution& packed, at::IntArrayRef shape, at::ScalarType type) {
  try {
    packed.run(at::zeros(shape, type));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

std::shared_ptr<const PackedConvolution> PackedConvolution::make(const torch::Tensor& weight,
                                                                 const torch::Tensor& bias,
                                                                 const Geometry& geometry) {
  const at::ScalarType type = weight.scalar_type();
  if (!weight.device().is_cpu() || (type != at::kFloat && type != at::kBFloat16)) return nullptr;
  const auto pack = find_operator("mkldnn_prepacked::conv2d_prepack");
  if (!pack || !find_operator("mkldnn_prepacked::conv2d_run")) return nullptr;

  let_heap_keep_memory();
  const torch::NoGradGuard no_gradients;
  using List = std::vector<std::int64_t>;
  const List shape = {1, weight.size(1) * geometry.groups, geometry.size, geometry.size};
  torch::jit::Stack stack;
  stack.emplace_back(weight.contiguous());
  stack.emplace_back(bias);
  stack.emplace_back(List{geometry.stride, geometry.stride});
  stack.emplace_back(List{geometry.padding, geometry.padding});
  stack.emplace_back(List{1, 1});
  stack.emplace_back(geometry.groups);
  stack.emplace_back(shape);
  stack.emplace_back(std::string(geometry.relu ? "relu" : "none"));
  pack->callBoxed(&stack);
  std::shared_ptr<const PackedConvolution> packed(
      new PackedConvolution(std::move(stack.front()), type));
  if (type != at::kFloat && !works(*packed, shape, type)) return nullptr;
  return packed;
}

bool PackedConvolution::accepts(const torch::Tensor& x) const {
  return x.device().is_cpu() && x.scalar_type() == type_ && !at::GradMode::is_enabled();
}

torch::Tensor PackedConvolution::run(const torch::Tensor& x) const {
  static const auto convolve = find_operator("mkldnn_prepacked::conv2d_run");
  torch::jit::Stack stack;
  stack.emplace_back(dense(x));
  stack.emplace_back(context_);
  convolve->callBoxed(&stack);
  return stack.front().toTensor();
}

}  // namespace likeness::net
