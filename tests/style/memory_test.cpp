#include <cstdint>

#include <gtest/gtest.h>
#include <likeness/style/memory.h>

#include "style/painting_memory.h"
#include "style/tiny_network.h"

namespace likeness {
namespace {

TEST(Memory, TilesAreChosenOnlyWhereTheWholeDoesNotFit) {
  const PerceptualNetwork network = tiny_network(true);
  const auto whole = memory_need(network, {}, 2048, 2048, 4, 1, 0);
  EXPECT_EQ(choose_tiles(network, {}, 2048, 2048, 4, 1, whole.bytes).tile_side, 0);
  const auto tiled = choose_tiles(network, {}, 2048, 2048, 4, 1, whole.bytes - 1);
  EXPECT_GT(tiled.tile_side, 0);
  EXPECT_LT(tiled.bytes, whole.bytes);
}

TEST(Memory, TheOptimiserRemembersLessWhereItsPicturesWouldTakeMoreThanAThird) {
  const PictureOptimiserOptions optimiser{.history = 20};
  const Size size{1000, 1000};
  constexpr std::int64_t kAll = 20 * std::int64_t{24} * 1000 * 1000;
  const PaintingMemory ample = painting_memory(3 * kAll, optimiser, size);
  EXPECT_EQ(ample.limit, 3 * kAll);
  EXPECT_EQ(ample.optimiser.history, 20);
  EXPECT_EQ(ample.pictures, 40);
  EXPECT_EQ(painting_memory(3 * kAll - 3, optimiser, size).optimiser.history, 10);
  EXPECT_EQ(painting_memory(1, optimiser, size).optimiser.history, 5);
  EXPECT_EQ(painting_memory(1, {.method = PictureMethod::adam}, size).pictures, 3);
  EXPECT_GT(painting_memory(0, optimiser, size).limit, 0);
}

}  // namespace
}  // namespace likeness
