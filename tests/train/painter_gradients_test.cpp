#include "train/painter_gradients.h"

#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/core/worker_pool.h>

#include "train/perceptual_samples.h"

namespace likeness {
namespace {

class PainterGradientsOfABatch : public ::testing::Test {
 protected:
  static PainterTrainingOptions options(std::int64_t batch) {
    PainterTrainingOptions options;
    options.batch = batch;
    options.identity_weight = 0;  // of the first picture alone
    options.coherence_weight = 0;
    return options;
  }

  StyleBatch styles(std::int64_t from, std::int64_t count) const {
    StyleBatch batch{.pictures = paintings_.narrow(0, from, count),
                     .numbers = {},
                     .statistics = {},
                     .views = {}};
    for (std::int64_t i = from; i < from + count; ++i) {
      batch.views.push_back(kViews[static_cast<std::size_t>(i) % kViews.size()]);
      batch.statistics.push_back(judge_.statistics(
          judge_.taps(seen_in({batch.views.back()}, paintings_.narrow(0, i, 1)))));
    }
    return batch;
  }

  /// Of pictures from `from` on.
  at::Tensor gradient(std::int64_t from, std::int64_t count, PainterStep* step = nullptr) const {
    const PainterTrainingOptions chosen = options(count);
    PainterLearner learner(
        net::PainterOptions{
            .widths = {8, 10, 12}, .blocks = {1, 1, 2}, .projected = 3, .hidden = 6},
        widths_, 0);
    learner->painter->initialise(3);
    learner->coherence->initialise(4);
    const FlatParameters parameters(*learner, PainterLearnerImpl::rate_of);
    PainterGradients gradients(chosen, judge_, learner, parameters, widths_);
    Random random(5);
    const PainterStep losses =
        gradients.learn(contents_.narrow(0, from, count), styles(from, count), random);
    if (step != nullptr) *step = losses;
    return parameters.gradients().clone();
  }

  static at::Tensor pictures(std::uint64_t seed) {
    Random random(seed);
    return seeded_normal({3, 3, 32, 32}, 0.3, random).add_(0.5).clamp_(0, 1);
  }

  std::vector<std::int64_t> widths_ = {4, 5, 6, 7};
  PerceptualNetwork network_ = make_perceptual_network(tiny_teacher(widths_), "tiny", at::kCPU, {});
  PaintingJudge judge_{network_};
  at::Tensor contents_ = pictures(1);
  at::Tensor paintings_ = pictures(2) * 0.4;
};

TEST_F(PainterGradientsOfABatch, AreTheMeanOfThoseOfItsPictures) {
  const ThreadCountKeeper keeper;
  at::set_num_threads(2);
  PainterStep step;
  const at::Tensor all = gradient(0, 3, &step);
  at::Tensor mean = at::zeros_like(all);
  double loss = 0;
  for (std::int64_t i = 0; i < 3; ++i) {
    PainterStep one;
    mean += gradient(i, 1, &one) / 3;
    loss += one.loss / 3;
  }
  EXPECT_GT(mean.norm().item<double>(), 1e-3);
  EXPECT_LT((all - mean).norm().item<double>(), 1e-4 * mean.norm().item<double>());
  EXPECT_NEAR(step.loss, loss, 1e-4 * loss);
}

TEST_F(PainterGradientsOfABatch, AreTheSameEachTime) {
  const ThreadCountKeeper keeper;
  at::set_num_threads(2);
  EXPECT_TRUE(gradient(0, 3).equal(gradient(0, 3)));
}

}  // namespace
}  // namespace likeness
