#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/style/views.h>

#include "style/stages.h"
#include "style/tiny_network.h"
#include "style/viewed_objective.h"

namespace likeness {
namespace {

class ViewedObjectiveTest : public testing::Test {
 protected:
  StyleObjective objective_in(View view) const {
    const auto as_seen = [view](const at::Tensor& picture) {
      return seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast);
    };
    StylePart part;
    part.target = style_target(network, as_seen(style), {}, {}, 1);
    return {network, as_seen(content), {part}, {}, {}};
  }

  PerceptualNetwork network = tiny_network(true);
  at::Tensor content = smooth_picture(24, 20, 1);
  at::Tensor style = smooth_picture(20, 24, 2);
  at::Tensor picture = smooth_picture(24, 20, 3);
  ViewedObjective viewed;
};

TEST(Views, AreThoseOfASmallPicture) {
  const at::Tensor picture = at::tensor({1, 2, 3, 4, 5, 6}).view({2, 3});
  EXPECT_TRUE(seen(picture, View::plain).equal(picture));
  EXPECT_TRUE(seen(picture, View::mirrored).equal(at::tensor({3, 2, 1, 6, 5, 4}).view({2, 3})));
  EXPECT_TRUE(seen(picture, View::transposed).equal(at::tensor({1, 4, 2, 5, 3, 6}).view({3, 2})));
  EXPECT_TRUE(seen(picture, View::turned).equal(at::tensor({3, 6, 2, 5, 1, 4}).view({3, 2})));
  for (const View view : kViews) EXPECT_TRUE(unseen(seen(picture, view), view).equal(picture));
}

TEST_F(ViewedObjectiveTest, IsTheMeanOfTheCostsInItsViews) {
  double content_cost = 0;
  double style_cost = 0;
  at::Tensor slope = at::zeros_like(picture);
  for (const View view : kViews) {
    viewed.add(view, objective_in(view));
    at::Tensor gradient;
    const Costs costs = objective_in(view).evaluate(seen(picture, view).contiguous(), &gradient);
    content_cost += costs.content / 4;
    style_cost += costs.style / 4;
    slope += unseen(gradient, view) / 4;
  }
  at::Tensor gradient;
  const Costs costs = viewed.evaluate(picture, &gradient);
  EXPECT_NEAR(costs.content, content_cost, 1e-6 * content_cost);
  EXPECT_NEAR(costs.style, style_cost, 1e-6 * style_cost);
  EXPECT_NEAR(costs.total, content_cost + 30 * style_cost, 1e-5 * costs.total);
  EXPECT_LT((gradient - slope).abs().max().item<float>(), 1e-5F * slope.abs().max().item<float>());
  EXPECT_EQ(viewed.first(picture).total, objective_in(View::plain).evaluate(picture).total);
}

TEST_F(ViewedObjectiveTest, GradientIsThatOfTheMean) {
  for (const View view : kViews) viewed.add(view, objective_in(view));
  at::Tensor gradient;
  viewed.evaluate(picture, &gradient);
  // Along the gradient itself, so that the difference stands out of float32's rounding.
  const at::Tensor way = gradient / gradient.norm();
  const double h = 0.005;
  const double difference =
      (viewed.evaluate(picture + way * h).total - viewed.evaluate(picture - way * h).total) /
      (2 * h);
  EXPECT_NEAR(difference / gradient.norm().item<double>(), 1, 0.05);
}

TEST_F(ViewedObjectiveTest, TakesWhatIsKnownOfItsFirstViewOnce) {
  viewed.add(View::plain, objective_in(View::plain));
  at::Tensor of_first;
  const Costs first = viewed.evaluate(picture, &of_first);
  viewed.add(View::mirrored, objective_in(View::mirrored));
  EXPECT_EQ(viewed.looks(), 1);
  at::Tensor expected;
  const Costs both = viewed.evaluate(picture, &expected);
  EXPECT_EQ(viewed.looks(), 3);
  for (const int looks : {4, 6}) {
    if (looks == 4) viewed.knows(picture, first, of_first);
    at::Tensor gradient;
    EXPECT_EQ(viewed.evaluate(picture, &gradient).total, both.total);
    EXPECT_TRUE(gradient.equal(expected));
    EXPECT_EQ(viewed.looks(), looks);
  }
  viewed.knows(picture, first, of_first);
  at::Tensor gradient;
  EXPECT_NE(viewed.evaluate(picture * 0.5, &gradient).total, both.total) << "of that picture alone";
  EXPECT_EQ(viewed.looks(), 8);
}

TEST(Stages, ShareIterationsAndTime) {
  const std::vector<Size> sizes = {{64, 48}, {128, 96}, {256, 192}};
  const std::vector<Stage> stages = stages_of(sizes, {.iterations = 200});
  ASSERT_EQ(stages.size(), 4U);
  EXPECT_EQ(stages[0].iterations, 40);
  EXPECT_EQ(stages[1].iterations, 40);
  EXPECT_EQ(stages[2].iterations, 113);
  EXPECT_EQ(stages[3].iterations, 7);
  EXPECT_DOUBLE_EQ(stages[0].until, 0.125);
  EXPECT_DOUBLE_EQ(stages[1].until, 0.25);
  EXPECT_DOUBLE_EQ(stages[2].until, 0.85);
  EXPECT_DOUBLE_EQ(stages[3].until, 1);
  EXPECT_EQ(stages[3].size, sizes[2]);
  EXPECT_EQ(stages[2].views, 1U);
  EXPECT_EQ(stages[3].views, 4U);
}

TEST(Stages, WithOneViewOrFewIterationsEndInOneView) {
  const std::vector<Size> sizes = {{64, 48}};
  for (const auto& stages : {stages_of(sizes, {.iterations = 200, .views = 1}),
                             stages_of(sizes, {.iterations = 5, .views = 4})}) {
    ASSERT_EQ(stages.size(), 1U);
    EXPECT_EQ(stages[0].views, 1U);
    EXPECT_DOUBLE_EQ(stages[0].until, 1);
  }
  EXPECT_EQ(stages_of(sizes, {.iterations = 5})[0].iterations, 5);
}

TEST(Stages, ASingleStepInViewsTakesTwoUnlessMoreAreAskedFor) {
  const std::vector<Size> sizes = {{64, 48}};
  EXPECT_EQ(stages_of(sizes, {.iterations = 20}).back().views, 2U);
  EXPECT_EQ(stages_of(sizes, {.iterations = 20, .views = 4}).back().views, 4U);
  EXPECT_EQ(stages_of(sizes, {.iterations = 40}).back().views, 4U);
}

TEST(Stages, FromAPictureCoarseSizesTakeHalf) {
  const std::vector<Size> sizes = {{64, 48}, {128, 96}};
  const std::vector<Stage> stages = stages_of(sizes, {.iterations = 30, .from_picture = true});
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_EQ(stages[0].iterations, 6);
  EXPECT_EQ(stages[1].iterations, 23);
  EXPECT_EQ(stages[2].iterations, 1);
  EXPECT_DOUBLE_EQ(stages[0].until, 0.125);
}

}  // namespace
}  // namespace likeness
