#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/one_pass.h>

#include "style/paint_tiles.h"
#include "style/tiny_network.h"
#include "style/tiny_painter.h"
#include "support/error_code.h"
#include "support/recording_progress.h"

namespace likeness {
namespace {

Image picture(int width, int height, std::uint64_t seed) {
  return to_image(smooth_picture(height, width, seed));
}

double mean_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.width(), b.width());
  EXPECT_EQ(a.height(), b.height());
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i)
    sum += std::abs(int{a.pixels()[i]} - int{b.pixels()[i]});
  return sum / static_cast<double>(a.pixels().size());
}

int largest_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.width(), b.width());
  EXPECT_EQ(a.height(), b.height());
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i)
    largest = std::max(largest, std::abs(int{a.pixels()[i]} - int{b.pixels()[i]}));
  return largest;
}

class OnePass : public ::testing::Test {
 protected:
  OnePassResult paint(const std::vector<OnePassStyle>& styles, const OnePassOptions& options = {}) {
    RecordingProgress progress;
    return paint_in_one_pass(painter, content, styles, options, progress, nullptr);
  }
  OnePassPainter painter = tiny_painter();
  Image content = picture(60, 44, 1);
  Image one = picture(50, 50, 2);
  Image two = picture(40, 64, 3);
};

TEST_F(OnePass, PaintsAtTheContentsSizeOrAnother) {
  const OnePassResult own = paint({{.picture = one}});
  EXPECT_EQ(own.picture.width(), 60);
  EXPECT_EQ(own.picture.height(), 44);
  EXPECT_EQ(own.tile_side, 0);
  EXPECT_GE(own.seconds, own.style_seconds);
  const OnePassResult larger = paint({{.picture = one}}, {.size = 120});
  EXPECT_EQ(larger.picture.width(), 120);
  EXPECT_EQ(larger.picture.height(), 88);
}

TEST_F(OnePass, ACodeStandsForItsStyle) {
  const OnePassOptions options{.size = 48};
  const at::Tensor code = style_code(painter, content, {.picture = one}, options);
  EXPECT_EQ(paint({{.code = code}}, options).picture, paint({{.picture = one}}, options).picture);
  EXPECT_NE(paint({{.code = code}}, options).picture, paint({{.picture = two}}, options).picture);
}

TEST_F(OnePass, AStyleIsReadAtTheSizeOfTheResult) {
  content = picture(400, 288, 1);
  at::manual_seed(4);
  const Image noise = to_image(at::rand({1, 3, 320, 400}));  // its grain is gone in smaller copies
  const at::Tensor code = painter.code(to_tensor(noise));
  const Image expected = to_image(painter.paint(to_tensor(content), {.codes = code}, {}));
  EXPECT_LT(mean_difference(paint({{.picture = noise}}).picture, expected), 0.01);
  EXPECT_GT(mean_difference(paint({{.picture = noise}}, {.style_scale = 0.5}).picture, expected),
            0.2);
}

TEST_F(OnePass, SharesAreScaledToOne) {
  const Image mixed =
      paint({{.picture = one, .share = 0.3}, {.picture = two, .share = 0.7}}).picture;
  EXPECT_LT(mean_difference(
                paint({{.picture = one, .share = 3}, {.picture = two, .share = 7}}).picture, mixed),
            0.01);
  EXPECT_EQ(paint({{.picture = one, .share = 1}, {.picture = two, .share = 0}}).picture,
            paint({{.picture = one}}).picture);
  EXPECT_NE(mixed, paint({{.picture = one}}).picture);
}

TEST_F(OnePass, ARegionOfAllIsTheWholePicture) {
  Image white(10, 10);
  for (std::uint8_t& sample : white.pixels()) sample = 255;
  EXPECT_LT(mean_difference(paint({{.picture = one, .region = white}}).picture,
                            paint({{.picture = one}}).picture),
            0.1);
  // In half of the picture one style, elsewhere the other.
  Image half(60, 44);
  for (int y = 0; y < 44; ++y) std::fill_n(half.row(y), 90, std::uint8_t{255});
  const Image both = paint({{.picture = one, .region = half}, {.picture = two}}).picture;
  EXPECT_NE(both, paint({{.picture = one}}).picture);
  EXPECT_NE(both, paint({{.picture = two}}).picture);
}

TEST_F(OnePass, AStyleMaskChoosesAPart) {
  Image mask(50, 50);
  for (int y = 0; y < 25; ++y) std::fill_n(mask.row(y), 150, std::uint8_t{255});
  EXPECT_NE(paint({{.picture = one, .mask = mask}}).picture, paint({{.picture = one}}).picture);
}

TEST_F(OnePass, AlphaAndColoursOfTheContentStay) {
  Image transparent(60, 44, 4);
  for (int y = 0; y < 44; ++y)
    for (int x = 0; x < 60; ++x) {
      std::copy_n(content.at(x, y).begin(), 3, transparent.row(y) + 4 * x);
      transparent.row(y)[4 * x + 3] = static_cast<std::uint8_t>(2 * x);
    }
  content = transparent;
  const Image painted = paint({{.picture = one}}).picture;
  ASSERT_TRUE(painted.has_alpha());
  EXPECT_EQ(painted.at(50, 7)[3], 100);
  const Image coloured =
      paint({{.picture = one}}, {.original_colours = OriginalColours::luminance}).picture;
  EXPECT_LT(mean_difference(coloured, transparent), mean_difference(painted, transparent));
}

TEST_F(OnePass, StatisticsOfAPartAreThoseOfItsPlaces) {
  const Image large = picture(400, 300, 4);
  const auto of = [&](const PictureArea& seen, const PictureArea& part) {
    return painter.statistics(to_tensor(crop(large, seen.x, seen.y, seen.width, seen.height)),
                              part);
  };
  // The same part, seen from further away.
  const auto near = of({104, 104, 288, 192}, {96, 96, 64, 48});
  const auto far = of({0, 0, 400, 300}, {200, 200, 64, 48});
  for (std::size_t s = 0; s < near.means.size(); ++s) {
    EXPECT_TRUE(at::allclose(near.means[s], far.means[s], 1e-4, 1e-5));
    EXPECT_TRUE(at::allclose(near.covariances[s], far.covariances[s], 1e-3, 1e-5));
  }
}

TEST_F(OnePass, ALargePictureInTilesIsTheWholePicture) {
  content = picture(700, 500, 4);
  Image half(70, 50);
  for (int y = 0; y < 50; ++y) std::fill_n(half.row(y), 105, std::uint8_t{255});
  const OnePassStyle left{.picture = one, .region = half};
  const OnePassOptions some{.controls = {.alpha = 0.8}};
  OnePassOptions tiled = some;
  tiled.tile_side = 256;
  // With a style for all the rest, and with the content's own look there.
  for (const auto& styles : {std::vector{left, OnePassStyle{.picture = two}}, std::vector{left}}) {
    const Image whole = paint(styles, some).picture;
    const OnePassResult result = paint(styles, tiled);
    EXPECT_EQ(result.tile_side, 256);
    // Rounding at most, which retouching makes more of where a ReLU is at its edge.
    EXPECT_LE(largest_difference(result.picture, whole), 2);
    EXPECT_LT(mean_difference(result.picture, whole), 0.01);
    EXPECT_GT(mean_difference(whole, content), 1);
  }
}

TEST_F(OnePass, MemoryDecidesOnTiles) {
  content = picture(1400, 1000, 4);
  Image half(70, 50);
  for (int y = 0; y < 50; ++y) std::fill_n(half.row(y), 105, std::uint8_t{255});
  for (const Image& mask : {Image(), half}) {
    const std::vector<OnePassStyle> styles = {{.picture = picture(500, 450, 2), .mask = mask}};
    const OnePassResult result = paint(styles, {.memory = 250'000'000});
    EXPECT_GT(result.tile_side, 0);
    EXPECT_LT(result.memory_need, 250'000'000);
    const OnePassResult free = paint(styles, {.memory = 4'000'000'000});
    EXPECT_EQ(free.tile_side, 0);
    EXPECT_LE(largest_difference(result.picture, free.picture), 2) << "the style in tiles, too";
  }
  EXPECT_EQ(code_of([&] { paint({{.picture = one}}, {.memory = 20'000'000}); }),
            ErrorCode::too_large);
}

TEST_F(OnePass, RefusesWhatCannotBePainted) {
  const auto refused = [&](const std::vector<OnePassStyle>& styles,
                           const OnePassOptions& options = {}) {
    return code_of([&] { paint(styles, options); }) == ErrorCode::invalid_argument;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{.picture = one, .share = -1}}));
  EXPECT_TRUE(refused({{.picture = one, .share = 0}}));
  EXPECT_TRUE(refused({{.picture = one, .region = Image(4, 4)}}));
  EXPECT_TRUE(refused({{.picture = one}}, {.controls = {.alpha = 1.5}}));
  EXPECT_TRUE(refused({{.picture = one}}, {.controls = {.alpha = NAN}}));
  EXPECT_TRUE(refused({{.picture = one}}, {.controls = {.strength = {1, 3, 1}}}));
  EXPECT_TRUE(refused({{.picture = one}}, {.style_scale = 0}));
  EXPECT_TRUE(refused({{.picture = one}}, {.tile_side = 100}));
  EXPECT_TRUE(refused({{.known = "wave"}}));
}

TEST_F(OnePass, GreyAndTinyStylesWork) {
  Image grey(3, 2);
  for (std::uint8_t& sample : grey.pixels()) sample = 128;
  const Image painted = paint({{.picture = grey}}).picture;
  EXPECT_EQ(painted.width(), 60);
}

}  // namespace
}  // namespace likeness
