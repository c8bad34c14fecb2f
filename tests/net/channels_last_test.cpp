#include "net/channels_last.h"

#include <stdexcept>
#include <string>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// The functions work on one thread and without gradients.
class ChannelsLast : public ::testing::Test {
 protected:
  ChannelsLast() { at::set_num_threads(1); }
  ~ChannelsLast() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
  torch::NoGradGuard no_gradients_;
};

TEST_F(ChannelsLast, PReluGivesWhatLibTorchGives) {
  for (const std::int64_t channels : {1, 3, 10, 28, 64, 512, 700})
    for (const std::int64_t side : {1, 5, 23}) {
      SCOPED_TRACE(std::to_string(channels) + " channels, side " + std::to_string(side));
      const auto x = random_input({2, channels, side, side + 1});
      const auto slope = torch::randn({channels});
      const auto expected = at::prelu(x, slope);
      prelu_in_place(x, slope);
      EXPECT_TRUE(at::equal(x, expected));
    }
}

TEST_F(ChannelsLast, MaximaAreThoseThatLibTorchFinds) {
  for (const std::int64_t size : {2, 3})
    for (const bool partial : {false, true})
      for (const std::int64_t channels : {1, 10, 32})
        for (const std::int64_t height : {3, 4, 9, 10})
          for (const std::int64_t width : {3, 8, 13}) {
            SCOPED_TRACE("size " + std::to_string(size) + (partial ? ", partial, " : ", ") +
                         std::to_string(channels) + " channels, " + std::to_string(width) + " x " +
                         std::to_string(height));
            const auto x = random_input({2, channels, height, width});
            const auto y = max_pool(x, size, partial);
            EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
            EXPECT_TRUE(at::equal(y, at::max_pool2d(x, size, 2, 0, 1, partial)));
          }
}

TEST_F(ChannelsLast, AWindowNeedsAPictureOfItsSize) {
  EXPECT_THROW(max_pool(random_input({1, 4, 2, 9}), 3, true), std::logic_error);
  EXPECT_THROW(max_pool(random_input({1, 4, 9, 2}), 3, true), std::logic_error);
}

TEST_F(ChannelsLast, OtherTensorsAreLeftToLibTorch) {
  const auto x = random_input({2, 4, 6, 6});
  EXPECT_TRUE(is_plain(x));
  EXPECT_FALSE(is_plain(x.contiguous()));
  EXPECT_FALSE(is_plain(x.narrow(2, 1, 3)));
  EXPECT_FALSE(is_plain(x.narrow(1, 1, 2)));
  EXPECT_FALSE(is_plain(x.to(torch::kBFloat16)));
  EXPECT_FALSE(is_plain(x.flatten(1)));
  {
    const at::AutoGradMode gradients(true);
    EXPECT_FALSE(is_plain(x));
  }
  at::set_num_threads(2);
  EXPECT_FALSE(is_plain(x));
}

}  // namespace
}  // namespace likeness::net
