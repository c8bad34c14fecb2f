/// Batch normalisation over the batches of several processes, here threads that meet.

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/net/compact_encoder.h>
#include <likeness/net/shared_batch_norm.h>
#include <torch/types.h>

namespace likeness::net {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;

/// Two threads that add up.
class Meeting {
 public:
  SumOverProcesses sum() {
    return [this](torch::Tensor& tensor) { add(tensor); };
  }

 private:
  void add(torch::Tensor& tensor) {
    std::unique_lock lock(mutex_);
    const int round = round_;
    total_ = waiting_ == 0 ? tensor.clone() : total_ + tensor;
    if (++waiting_ == 2) {
      result_ = total_;
      waiting_ = 0;
      ++round_;
      both_.notify_all();
    } else {
      both_.wait(lock, [&] { return round_ != round; });
    }
    tensor.copy_(result_);
  }

  std::mutex mutex_;
  std::condition_variable both_;
  int waiting_ = 0;
  int round_ = 0;
  torch::Tensor total_;
  torch::Tensor result_;
};

/// What batch norm is given and what comes out, on a batch or on a part of it.
struct Normalisation {
  torch::Tensor x, scale, shift, mean, variance, z;

  Normalisation(const torch::Tensor& input, const torch::Tensor& scales)
      : x(input.clone(at::MemoryFormat::ChannelsLast).requires_grad_()),
        scale(scales.clone().requires_grad_()),
        shift((scales * 0.3).requires_grad_()),
        mean(at::full_like(scales, 0.25)),
        variance(at::full_like(scales, 2)) {}
  void run(const SumOverProcesses& sum) {
    z = sum ? shared_batch_norm(x, scale, shift, mean, variance, kMomentum, kEpsilon, sum)
            : at::batch_norm(x, scale, shift, mean, variance, true, kMomentum, kEpsilon, true);
  }
  void learn(const torch::Tensor& weights) { (z * weights).sum().backward(); }
};

void expect_close(const torch::Tensor& a, const torch::Tensor& b, const char* what) {
  EXPECT_LE((a - b).abs().max().item<double>(), 1e-5 * (1 + b.abs().max().item<double>())) << what;
}

torch::Tensor waves(at::IntArrayRef shape, double step) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return at::arange(count).to(at::kFloat).mul(step).sin().mul(3).add(1.5).view(shape);
}

class SharedBatchNorm : public testing::Test {
 protected:
  torch::Tensor input = waves({5, 3, 4, 6}, 0.7);
  torch::Tensor weights = waves({5, 3, 4, 6}, 1.3);
  torch::Tensor scales = waves({3}, 2.1);
};

TEST_F(SharedBatchNorm, AloneIsBatchNorm) {
  Normalisation ours(input, scales);
  Normalisation reference(input, scales);
  ours.run([](torch::Tensor&) {});
  reference.run(nullptr);
  ours.learn(weights);
  reference.learn(weights);
  expect_close(ours.z, reference.z, "output");
  EXPECT_TRUE(ours.z.is_contiguous(at::MemoryFormat::ChannelsLast));
  expect_close(ours.mean, reference.mean, "running mean");
  expect_close(ours.variance, reference.variance, "running variance");
  expect_close(ours.x.grad(), reference.x.grad(), "gradient");
  expect_close(ours.scale.grad(), reference.scale.grad(), "gradient of the scale");
  expect_close(ours.shift.grad(), reference.shift.grad(), "gradient of the shift");
}

TEST_F(SharedBatchNorm, TwoUnequalSharesAreOneBatch) {
  Normalisation whole(input, scales);
  whole.run(nullptr);
  whole.learn(weights);
  Meeting meeting;
  std::array<Normalisation, 2> parts = {Normalisation(input.narrow(0, 0, 2), scales),
                                        Normalisation(input.narrow(0, 2, 3), scales)};
  const std::array<torch::Tensor, 2> of_parts = {weights.narrow(0, 0, 2), weights.narrow(0, 2, 3)};
  std::array<std::thread, 2> threads;
  for (std::size_t i = 0; i < 2; ++i)
    threads[i] = std::thread([&, i] {
      parts[i].run(meeting.sum());
      parts[i].learn(of_parts[i]);
    });
  for (std::thread& thread : threads) thread.join();
  expect_close(at::cat({parts[0].z, parts[1].z}), whole.z, "output");
  expect_close(at::cat({parts[0].x.grad(), parts[1].x.grad()}), whole.x.grad(), "gradient");
  for (const Normalisation& part : parts) {
    expect_close(part.mean, whole.mean, "running mean");
    expect_close(part.variance, whole.variance, "running variance");
  }
  expect_close(parts[0].scale.grad() + parts[1].scale.grad(), whole.scale.grad(), "scale");
  expect_close(parts[0].shift.grad() + parts[1].shift.grad(), whole.shift.grad(), "shift");
}

TEST_F(SharedBatchNorm, KeepsBfloat16) {
  Normalisation ours(input, scales);
  Normalisation exact(input, scales);
  ours.x = ours.x.detach().to(at::kBFloat16).requires_grad_();
  ours.run([](torch::Tensor&) {});
  exact.run([](torch::Tensor&) {});
  EXPECT_EQ(ours.z.scalar_type(), at::kBFloat16);
  EXPECT_LE((ours.z.to(at::kFloat) - exact.z).abs().max().item<double>(), 0.05);
}

TEST(CompactEncoderOfManyProcesses, ExchangesStatisticsInTrainingAlone) {
  TrainableCompactEncoder network(CompactEncoderOptions{.size = 32, .dimensions = 8});
  network->initialise(1);
  int exchanges = 0;
  network->share_statistics([&](torch::Tensor&) { ++exchanges; });
  const torch::Tensor faces = waves({4, 3, 32, 32}, 0.37);
  network->eval();
  network->forward(faces);
  EXPECT_EQ(exchanges, 0);
  network->train();
  network->forward(faces).square().sum().backward();
  int layers = 0;
  for (const auto& module : network->modules(false))
    layers += module->as<NormalizedConvolutionImpl>() != nullptr ? 1 : 0;
  EXPECT_EQ(exchanges, 2 * layers) << "once forward, once backward";
}

}  // namespace
}  // namespace likeness::net
