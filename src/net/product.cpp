#include <tuple>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <likeness/net/product.h>

namespace likeness::net {
namespace {

bool by_convolution(const at::Tensor& x) {
  return x.device().is_cpu() && at::hasMKLDNN() && at::get_num_threads() > 1 &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

/// [rows, channels] → [1, channels, 1, rows], channels-last: a view where rows are contiguous.
at::Tensor line_of_pixels(const at::Tensor& rows) {
  return rows.contiguous().view({1, 1, rows.size(0), rows.size(1)}).permute({0, 3, 1, 2});
}

}  // namespace

at::Tensor product(const at::Tensor& a, const at::Tensor& b, const at::Tensor& addend) {
  if (!by_convolution(a)) return addend.defined() ? at::addmm(addend, a, b) : at::mm(a, b);
  c10::optional<at::Tensor> bias;
  if (addend.defined()) bias = addend;
  const at::Tensor filters = b.t().contiguous().view({b.size(1), b.size(0), 1, 1});
  const at::Tensor pixels = at::conv2d(line_of_pixels(a), filters, bias);
  return pixels.permute({0, 2, 3, 1}).reshape({a.size(0), b.size(1)});
}

at::Tensor product_of_columns(const at::Tensor& a, const at::Tensor& b) {
  if (!by_convolution(a)) return at::mm(a.t(), b);
  // Only the shape of the filters is looked at.
  const at::Tensor filters = at::empty({a.size(1), b.size(1), 1, 1}, a.options());
  const at::Tensor gradient = std::get<1>(
      at::convolution_backward(line_of_pixels(a), line_of_pixels(b), filters, c10::nullopt, {1, 1},
                               {0, 0}, {1, 1}, false, {0, 0}, 1, {false, true, false}));
  return gradient.reshape({a.size(1), b.size(1)});
}

}  // namespace likeness::net
