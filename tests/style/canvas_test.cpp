#include "style/canvas.h"

#include <vector>

#include <gtest/gtest.h>

namespace likeness {
namespace {

TEST(Canvas, SizesAreHalvedDownToTheCoarsest) {
  EXPECT_EQ(level_sizes({512, 384}, 128, net::Tap::relu4_1),
            (std::vector<Size>{{128, 96}, {256, 192}, {512, 384}}));
  EXPECT_EQ(level_sizes({512, 384}, {}, net::Tap::relu4_1),
            (std::vector<Size>{{256, 192}, {512, 384}}));
  EXPECT_EQ(level_sizes({200, 256}, {}, net::Tap::relu4_1),
            (std::vector<Size>{{100, 128}, {200, 256}}));
  EXPECT_EQ(level_sizes({1024, 1024}, {}, net::Tap::relu4_1),
            (std::vector<Size>{{256, 256}, {512, 512}, {1024, 1024}}));
  EXPECT_EQ(level_sizes({60, 60}, {}, net::Tap::relu4_1), (std::vector<Size>{{60, 60}}));
  EXPECT_EQ(level_sizes({512, 384}, 0, net::Tap::relu4_1), (std::vector<Size>{{512, 384}}));
  // A panorama stops before its short side is too short.
  EXPECT_EQ(level_sizes({1000, 70}, 128, net::Tap::relu4_1),
            (std::vector<Size>{{500, 35}, {1000, 70}}));
}

}  // namespace
}  // namespace likeness
