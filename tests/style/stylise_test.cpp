#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/tensor.h>
#include <likeness/style/stylise.h>
#include <likeness/style/views.h>

#include "style/short_painting.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Stylise : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(Stylise, BringsThePictureNearerToTheStyleAndKeepsItsSize) {
  const Image content = picture_of(50, 34, 1);
  const Image style = picture_of(40, 60, 2);
  const StyliseResult few = paint(content, {{.picture = style}}, short_run());
  StyliseOptions more = short_run();
  more.iterations = 40;
  const StyliseResult many = paint(content, {{.picture = style}}, more);
  EXPECT_EQ(many.picture.width(), 50);
  EXPECT_EQ(many.picture.height(), 34);
  EXPECT_LT(many.costs.total, few.costs.total);
  EXPECT_EQ(few.iterations, 12);
  EXPECT_NEAR(many.costs.total, many.costs.content + 30 * many.costs.style, 1e-4);
}

TEST_F(Stylise, TellsTheCostsOnItsWay) {
  StyliseOptions options = short_run();
  std::vector<double> totals;
  options.on_step = [&totals](const Costs& costs, int) { totals.push_back(costs.total); };
  const StyliseResult result =
      paint(picture_of(50, 34, 1), {{.picture = picture_of(40, 60, 2)}}, options);
  ASSERT_GE(totals.size(), 6U);
  EXPECT_TRUE(std::is_sorted(totals.rbegin(), totals.rend()));
  EXPECT_DOUBLE_EQ(totals.back(), result.levels.back().cost);
}

TEST_F(Stylise, GivesTheSamePictureTwice) {
  StyliseOptions options = short_run();
  options.start = StyleStart::noise;
  const Image content = picture_of(40, 40, 1);
  const std::vector<StyleSource> styles = {{.picture = picture_of(40, 40, 2)}};
  const StyliseResult one = paint(content, styles, options);
  EXPECT_EQ(one.picture, paint(content, styles, options).picture);
  options.seed = 2;
  EXPECT_NE(one.picture, paint(content, styles, options).picture);
}

TEST_F(Stylise, EndsInFourViewsUnderANetworkThatStandsForAnother) {
  const Image content = picture_of(50, 34, 1);
  const std::vector<StyleSource> styles = {
      {.picture = picture_of(40, 60, 2), .region = picture_of(50, 34, 3)}};
  StyliseOptions options = short_run();
  options.iterations = 40;
  options.views = {};
  const StyliseResult under_student = paint(content, styles, options);
  ASSERT_EQ(under_student.levels.size(), 2U);
  EXPECT_EQ(under_student.levels[0].views, 1);
  EXPECT_EQ(under_student.levels[0].iterations, 38);
  EXPECT_EQ(under_student.levels[1].views, 4);
  EXPECT_EQ(under_student.levels[1].iterations, 2);
  EXPECT_EQ(under_student.levels[1].width, 50);
  Progress silent;
  const StyliseResult under_teacher =
      stylise(tiny_network(false), content, styles, options, silent, nullptr);
  ASSERT_EQ(under_teacher.levels.size(), 1U);
  EXPECT_EQ(under_teacher.levels[0].views, 1);
}

TEST_F(Stylise, LastStepsInFourViewsBringTheMeanOfTheirCostsDown) {
  const Image content = picture_of(48, 32, 1);
  const Image style = picture_of(48, 48, 2);
  const PerceptualNetwork network = tiny_network(true);
  const auto mean_cost = [&](const Image& picture) {
    double sum = 0;
    for (const View view : kViews) {
      const auto as_seen = [view](const Image& image) {
        return seen(to_tensor(image), view).contiguous(at::MemoryFormat::ChannelsLast);
      };
      StylePart part;
      part.target = style_target(network, as_seen(style), {}, {}, 1);
      const StyleObjective objective(network, as_seen(content), {part}, {}, {});
      sum += objective.evaluate(as_seen(picture)).total;
    }
    return sum / static_cast<double>(kViews.size());
  };
  StyliseOptions options = short_run();
  options.iterations = 90;
  const StyliseResult in_one = paint(content, {{.picture = style}}, options);
  options.views = 4;
  const StyliseResult in_four = paint(content, {{.picture = style}}, options);
  EXPECT_LT(mean_cost(in_four.picture), mean_cost(in_one.picture));
  EXPECT_NEAR(in_four.levels.back().cost, mean_cost(in_four.picture),
              0.05 * in_four.levels.back().cost);  // 8 bits
}

TEST_F(Stylise, PaintsAnySizeAndAspect) {
  const std::vector<StyleSource> styles = {{.picture = picture_of(33, 20, 2)}};
  for (const auto& [width, height] : {std::pair{1, 1}, {8, 8}, {400, 8}, {5, 90}, {31, 17}}) {
    const StyliseResult result = paint(picture_of(width, height, 1), styles, short_run());
    EXPECT_EQ(result.picture.width(), width);
    EXPECT_EQ(result.picture.height(), height);
  }
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 200}}) {
    const StyliseResult result =
        paint(picture_of(40, 30, 1), {{.picture = picture_of(width, height, 3)}}, short_run());
    EXPECT_EQ(result.picture.width(), 40);
  }
}

TEST_F(Stylise, SizeIsTheLongestSide) {
  StyliseOptions options = short_run();
  options.size = 60;
  const StyliseResult result =
      paint(picture_of(40, 20, 1), {{.picture = picture_of(40, 20, 2)}}, options);
  EXPECT_EQ(result.picture.width(), 60);
  EXPECT_EQ(result.picture.height(), 30);
}

TEST_F(Stylise, SurvivesAllBlackStylesAndIdenticalPictures) {
  const Image content = picture_of(40, 40, 1);
  for (const StyleLoss loss : {StyleLoss::gram, StyleLoss::mean_std, StyleLoss::covariance,
                               StyleLoss::wasserstein, StyleLoss::sliced})
    for (const Image& style : {Image(40, 40), content}) {
      StyliseOptions options = short_run();
      options.weights.style_loss = loss;
      const StyliseResult result = paint(content, {{.picture = style}}, options);
      EXPECT_TRUE(std::isfinite(result.costs.total)) << to_string(loss);
      // Quantiles, which are fewer than positions, leave a little.
      if (style == content && loss != StyleLoss::sliced) {
        EXPECT_EQ(result.picture, content) << to_string(loss);
      }
    }
}

TEST_F(Stylise, KeepsAlphaAndRefusesWhatIsTransparentEverywhere) {
  Image content(40, 30, 4);
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) {
      std::uint8_t* pixel = content.row(y) + 4 * x;
      pixel[0] = static_cast<std::uint8_t>(6 * x);
      pixel[1] = static_cast<std::uint8_t>(8 * y);
      pixel[3] = x < 20 ? 255 : 0;
    }
  const std::vector<StyleSource> styles = {{.picture = picture_of(40, 30, 2)}};
  const Image painted = paint(content, styles, short_run()).picture;
  ASSERT_TRUE(painted.has_alpha());
  EXPECT_EQ(painted.at(5, 5)[3], 255);
  EXPECT_EQ(painted.at(35, 5)[3], 0);
  for (std::size_t i = 3; i < content.pixels().size(); i += 4) content.pixels()[i] = 0;
  EXPECT_THROW(paint(content, styles, short_run()), Error);
}

TEST_F(Stylise, LuminanceTransferKeepsTheContentsColours) {
  const Image content = picture_of(40, 40, 1);
  StyliseOptions options = short_run();
  options.original_colours = OriginalColours::luminance;
  const Image painted = paint(content, {{.picture = picture_of(40, 40, 2)}}, options).picture;
  // Chroma (red against green) stays where brightness does not push it to the bounds.
  double difference = 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 40; ++x) {
      const auto a = painted.at(x, y);
      const auto b = content.at(x, y);
      difference += std::abs((a[0] - a[1]) - (b[0] - b[1]));
    }
  EXPECT_LT(difference / 1600, 4);
}

TEST_F(Stylise, ARegionKeepsItsStyleInside) {
  const Image content = picture_of(160, 32, 1);
  Image region(160, 32);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 40; ++x) std::fill_n(region.row(y) + 3 * x, 3, std::uint8_t{255});
  StyliseOptions options = short_run();
  options.weights.content = 0;
  const Image painted =
      paint(content, {{.picture = Image(64, 64), .region = region}}, options).picture;
  double inside = 0;
  double outside = 0;
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 160; ++x)
      for (int c = 0; c < 3; ++c)
        (x < 40 ? inside : outside) +=
            x < 40 || x >= 90 ? std::abs(painted.at(x, y)[c] - content.at(x, y)[c]) : 0;
  EXPECT_GT(inside, 1000);
  EXPECT_EQ(outside, 0);
}

TEST_F(Stylise, KeepsStyleStatisticsForTheNextTime) {
  StyliseOptions options = short_run();
  options.cache = folder_.path() / "cache";
  const Image content = picture_of(40, 40, 1);
  const std::vector<StyleSource> styles = {{.picture = picture_of(40, 40, 2)}};
  const Image one = paint(content, styles, options).picture;
  ASSERT_EQ(std::distance(fs::directory_iterator(options.cache), fs::directory_iterator()), 1);
  const fs::path kept = fs::directory_iterator(options.cache)->path();
  EXPECT_EQ(paint(content, styles, options).picture, one);
  write_file(kept, "broken");
  EXPECT_EQ(paint(content, styles, options).picture, one);
  EXPECT_GT(fs::file_size(kept), 100U);
}

TEST_F(Stylise, StopsAtTheTimeBudgetAndWhenNothingIsGained) {
  StyliseOptions options = short_run();
  options.iterations = 100000;
  options.time_budget = 0.2;
  const Image content = picture_of(40, 40, 1);
  const std::vector<StyleSource> styles = {{.picture = picture_of(40, 40, 2)}};
  EXPECT_LT(paint(content, styles, options).iterations, 100000);
  options.time_budget = 0;
  options.tolerance = 0.01;
  const StyliseResult result = paint(content, styles, options);
  EXPECT_LT(result.iterations, 100000);
  EXPECT_TRUE(result.levels.back().converged);
}

TEST_F(Stylise, RefusesOptionsThatMakeNoSense) {
  const Image picture = picture_of(32, 32, 1);
  const auto refuses = [&](auto change, const std::vector<StyleSource>& styles) {
    StyliseOptions options = short_run();
    change(options);
    EXPECT_THROW(paint(picture, styles, options), Error);
  };
  const std::vector<StyleSource> good = {{.picture = picture}};
  refuses([](StyliseOptions&) {}, {});
  refuses([](StyliseOptions&) {}, {{.picture = picture, .share = -1}});
  refuses([](StyliseOptions&) {}, {{.picture = picture, .share = 0}});
  refuses([](StyliseOptions&) {}, {{.picture = picture, .mask = Image(8, 8)}});
  refuses([](StyliseOptions&) {}, {{.picture = picture, .region = Image(8, 8)}});
  refuses([](StyliseOptions& o) { o.iterations = 0; }, good);
  refuses([](StyliseOptions& o) { o.style_scale = 0; }, good);
  refuses([](StyliseOptions& o) { o.weights.style = -3; }, good);
  refuses([](StyliseOptions& o) { o.start = StyleStart::picture; }, good);
}

TEST_F(Stylise, SaysTheLargestSizeThatFitsTheMemory) {
  StyliseOptions options = short_run();
  options.size = 20000;
  options.memory = std::int64_t{100} << 20;
  try {
    paint(picture_of(32, 16, 1), {{.picture = picture_of(32, 32, 2)}}, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::too_large);
    EXPECT_NE(std::string(error.what()).find("longest side that fits is"), std::string::npos);
  }
}

}  // namespace
}  // namespace likeness
