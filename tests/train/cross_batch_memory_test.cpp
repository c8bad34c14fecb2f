#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/cross_batch_memory.h>

#include "support/error_code.h"

namespace likeness {
namespace {

at::Tensor labels_of(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::kLong);
}

/// Rows (n, n, n) for each number.
at::Tensor on_axes(const std::vector<double>& numbers) {
  return at::tensor(numbers, at::kFloat).unsqueeze(1).repeat({1, 3});
}

MiningBatch batch() {
  return mining_batch(on_axes({0.1, 0.2}), labels_of({7, 8}));
}

/// First numbers of the candidates behind the batch's own two.
std::vector<float> remembered(const CrossBatchMemory& memory) {
  const at::Tensor entries =
      memory.extend(batch(), labels_of({-1, -2})).candidates.slice(0, 2).select(1, 0).contiguous();
  return {entries.data_ptr<float>(), entries.data_ptr<float>() + entries.numel()};
}

TEST(CrossBatchMemory, KeepsTheLastEncodings) {
  CrossBatchMemory memory(4, 3, c10::kCPU);
  EXPECT_EQ(memory.size(), 0);
  EXPECT_TRUE(remembered(memory).empty());
  memory.push(on_axes({1, 2, 3}), labels_of({1, 2, 3}), labels_of({1, 2, 3}));
  EXPECT_EQ(remembered(memory), (std::vector<float>{1, 2, 3}));
  memory.push(on_axes({4, 5}), labels_of({4, 5}), labels_of({4, 5}));
  EXPECT_EQ(memory.size(), 4);
  EXPECT_EQ(remembered(memory), (std::vector<float>{5, 2, 3, 4}));
  memory.push(on_axes({6, 7, 8, 9, 10, 11}), labels_of({6, 7, 8, 9, 10, 11}),
              labels_of({6, 7, 8, 9, 10, 11}));
  std::vector<float> last = remembered(memory);
  std::sort(last.begin(), last.end());
  EXPECT_EQ(last, (std::vector<float>{8, 9, 10, 11}));
  memory.clear();
  EXPECT_TRUE(remembered(memory).empty());
}

TEST(CrossBatchMemory, ItsEntriesAreCandidatesWithTheirLabels) {
  CrossBatchMemory memory(4, 3, c10::kCPU);
  memory.push(on_axes({1, 2}), labels_of({7, 9}), labels_of({1, 2}));
  const MiningBatch extended = memory.extend(batch(), labels_of({3, 4}));
  EXPECT_EQ(extended.anchors.size(0), 2);
  EXPECT_EQ(extended.candidates.size(0), 4);
  EXPECT_TRUE(positive_mask(extended).equal(
      at::tensor(std::vector<int>{0, 0, 1, 0, 0, 0, 0, 0}).view({2, 4}).to(at::kBool)));
  EXPECT_TRUE(negative_mask(extended).equal(
      at::tensor(std::vector<int>{0, 1, 0, 1, 1, 0, 1, 1}).view({2, 4}).to(at::kBool)));
}

TEST(CrossBatchMemory, AnEarlierEncodingOfTheAnchorsOwnPictureIsNoPositive) {
  CrossBatchMemory memory(4, 3, c10::kCPU);
  memory.push(on_axes({1}), labels_of({7}), labels_of({3}));
  EXPECT_FALSE(positive_mask(memory.extend(batch(), labels_of({3, 4}))).any().item<bool>());
}

TEST(CrossBatchMemory, NoGradientFlowsToItAndLaterBatchesDoNotChangeAnExtendedOne) {
  CrossBatchMemory memory(2, 3, c10::kCPU);
  const at::Tensor old = on_axes({1, 2}).requires_grad_();
  memory.push(old, labels_of({7, 8}), labels_of({1, 2}));
  const at::Tensor x = on_axes({0.1, 0.2}).requires_grad_();
  const MiningBatch extended = memory.extend(mining_batch(x, labels_of({7, 8})), labels_of({3, 4}));
  const at::Tensor distances = squared_distances(extended.anchors, extended.candidates);
  memory.push(on_axes({5, 6}), labels_of({1, 1}), labels_of({5, 6}));
  distances.select(1, 2).sum().backward();
  EXPECT_FALSE(old.grad().defined());
  // 2·(a − 1) for each coordinate of both anchors.
  EXPECT_NEAR(x.grad()[0][0].item<double>(), -1.8, 1e-6);
  EXPECT_NEAR(x.grad()[1][2].item<double>(), -1.6, 1e-6);
}

TEST(CrossBatchMemory, ARestoredOneGoesOnExactly) {
  CrossBatchMemory memory(3, 3, c10::kCPU);
  memory.push(on_axes({1, 2, 3, 4}), labels_of({1, 2, 3, 4}), labels_of({1, 2, 3, 4}));
  CrossBatchMemory restored(3, 3, c10::kCPU);
  restored.restore(memory.state());
  for (CrossBatchMemory* each : {&memory, &restored})
    each->push(on_axes({5}), labels_of({5}), labels_of({5}));
  EXPECT_EQ(remembered(restored), remembered(memory));
  for (const auto& [name, tensor] : memory.state())
    EXPECT_TRUE(tensor.equal(restored.state().at(name))) << name;
}

TEST(CrossBatchMemory, RefusesAStateOfAnotherOrABrokenOneAndStaysAsItWas) {
  CrossBatchMemory memory(3, 3, c10::kCPU);
  memory.push(on_axes({1, 2}), labels_of({1, 2}), labels_of({1, 2}));
  const auto refuse = [&](const TensorMap& state) {
    EXPECT_EQ(code_of([&] { memory.restore(state); }), ErrorCode::corrupt_file);
    EXPECT_EQ(remembered(memory), (std::vector<float>{1, 2}));
  };
  refuse(CrossBatchMemory(4, 3, c10::kCPU).state());
  refuse(CrossBatchMemory(3, 2, c10::kCPU).state());
  for (const char* name : {"encodings", "labels", "pictures", "ring"}) {
    TensorMap state = memory.state();
    state.erase(name);
    refuse(state);
  }
  for (const std::vector<std::int64_t>& ring :
       {std::vector<std::int64_t>{3, 3}, {-1, 3}, {1, 2}, {0, 4}, {0, -1}}) {
    TensorMap state = memory.state();
    state["ring"] = labels_of(ring);
    refuse(state);
  }
}

}  // namespace
}  // namespace likeness
