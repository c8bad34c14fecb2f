#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/net/product.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

namespace likeness::net {
namespace {

/// Numbers of `type` whose products have no large sums.
at::Tensor numbers(std::int64_t rows, std::int64_t columns, double phase, at::ScalarType type) {
  const at::Tensor t = at::arange(rows * columns, at::kDouble);
  return (((t * 1.7 + phase).sin() + (t * t * 0.013 + phase).cos()) / 10)
      .view({rows, columns})
      .to(type);
}

/// Runs the test's body with one thread and with two: by the BLAS and by convolutions.
template <class Body>
void with_one_and_two_threads(const Body& body) {
  const int before = at::get_num_threads();
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    body();
  }
  at::set_num_threads(before);
}

void expect_close(const at::Tensor& a, const at::Tensor& exact, at::ScalarType type) {
  ASSERT_EQ(a.sizes(), exact.sizes());
  EXPECT_EQ(a.scalar_type(), type);
  const double tolerance = type == at::kDouble ? 1e-12 : type == at::kFloat ? 1e-5 : 2e-2;
  EXPECT_LT((a.to(at::kDouble) - exact).abs().max().item<double>(), tolerance) << type;
}

TEST(Product, IsTheMatrixProductInEveryType) {
  with_one_and_two_threads([] {
    for (const auto type : {at::kDouble, at::kFloat, at::kBFloat16}) {
      const at::Tensor a = numbers(37, 12, 1, type);
      const at::Tensor b = numbers(12, 9, 2, type);
      const at::Tensor addend = numbers(1, 9, 3, type)[0];
      const at::Tensor exact = a.to(at::kDouble).mm(b.to(at::kDouble));
      expect_close(product(a, b), exact, type);
      expect_close(product(a, b, addend), exact + addend.to(at::kDouble), type);
      const at::Tensor c = numbers(37, 9, 4, type);
      expect_close(product_of_columns(a, c), a.to(at::kDouble).t().mm(c.to(at::kDouble)), type);
    }
  });
}

TEST(Product, TakesViewsInAnyLayout) {
  with_one_and_two_threads([] {
    const at::Tensor a = numbers(12, 37, 1, at::kFloat).t();
    const at::Tensor b = numbers(30, 12, 2, at::kFloat).t().narrow(1, 5, 9);
    expect_close(product(a, b), a.to(at::kDouble).mm(b.to(at::kDouble)), at::kFloat);
    const at::Tensor c = numbers(9, 37, 3, at::kFloat).t();
    expect_close(product_of_columns(a, c), a.to(at::kDouble).t().mm(c.to(at::kDouble)), at::kFloat);
  });
}

TEST(Product, HasTheGradientsOfTheMatrixProductTwice) {
  with_one_and_two_threads([] {
    std::vector<at::Tensor> inputs = {numbers(7, 5, 1, at::kFloat), numbers(5, 4, 2, at::kFloat),
                                      numbers(1, 4, 3, at::kFloat)[0]};
    for (at::Tensor& input : inputs) input.requires_grad_();
    const auto gradients = [&](const at::Tensor& result) {
      using torch::autograd::grad;
      const auto first = grad({result.square().sum()}, inputs, {}, true, true);
      const auto second = grad({first[0].square().sum()}, {inputs[1]});
      return std::vector<at::Tensor>{first[0], first[1], first[2], second[0]};
    };
    const auto found = gradients(product(inputs[0], inputs[1], inputs[2]));
    const auto expected = gradients(at::addmm(inputs[2], inputs[0], inputs[1]));
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_LT((found[i] - expected[i]).abs().max().item<double>(), 1e-5) << i;
  });
}

}  // namespace
}  // namespace likeness::net
