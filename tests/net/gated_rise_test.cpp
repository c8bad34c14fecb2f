#include "net/gated_rise.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

torch::Tensor channels_last(const torch::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(GatedRise, IsTheSameInOnePass) {
  const torch::NoGradGuard no_gradients;
  const auto risen = channels_last(random_input({2, 24, 5, 7}).to(at::kBFloat16));
  const auto missed = channels_last(random_input({2, 6, 10, 14}));
  const auto seen = channels_last(random_input({2, 6, 10, 14}).roll(3).relu());
  const auto expected = at::pixel_shuffle(risen.to(at::kFloat), 2).add(missed) * seen.gt(0);
  EXPECT_TRUE(gated_rise(risen, missed, seen).equal(expected.to(at::kBFloat16)));
  EXPECT_GT(seen.eq(0).sum().item<std::int64_t>(), 0);
  EXPECT_TRUE(gated_rise(risen.to(at::kFloat), missed, seen).equal(expected));
}

}  // namespace
}  // namespace likeness::net
