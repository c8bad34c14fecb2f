#include "train/perceptual_crops.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>

#include "train/random_tensor.h"

namespace likeness {
namespace {

constexpr double kJitterChance = 0.5;
constexpr double kExchangeChance = 0.2;
constexpr double kMixChance = 0.25;
constexpr double kNoiseChance = 0.15;
constexpr double kStrongestNoise = 0.3;

/// From −1 to 1.
double signed_uniform(Random& random) {
  return 2 * random.uniform() - 1;
}

}  // namespace

at::Tensor random_square(const Image& picture, double wanted, std::int64_t size, Random& random) {
  const int side =
      std::max(1, std::min({static_cast<int>(wanted), picture.width(), picture.height()}));
  const auto below = [&](int bound) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(bound)));
  };
  const int x = below(picture.width() - side + 1);
  const int y = below(picture.height() - side + 1);
  Image part = crop(picture, x, y, side, side);
  if (side != size) part = resize(part, static_cast<int>(size), static_cast<int>(size));
  if (random.uniform() < 0.5) part = mirror(part);
  return to_tensor(part);
}

at::Tensor random_crop(const Image& picture, std::int64_t size, Random& random) {
  const double scale = 0.6 + 0.5 * random.uniform();
  return random_square(picture, static_cast<double>(size) * scale, size, random);
}

at::Tensor jitter_colours(const at::Tensor& crop, Random& random) {
  const double contrast = 1 + 0.4 * signed_uniform(random);
  const double brightness = 0.2 * signed_uniform(random);
  std::array<float, 3> gains{};
  for (float& gain : gains) gain = static_cast<float>(1 + 0.25 * signed_uniform(random));
  const at::Tensor gain = at::tensor(at::ArrayRef<float>(gains.data(), 3)).view({1, 3, 1, 1});
  return crop.sub(0.5).mul_(contrast).add_(0.5 + brightness).mul_(gain).clamp_(0, 1);
}

at::Tensor exchange_channels(const at::Tensor& crop, Random& random) {
  std::array<std::int64_t, 3> order = {0, 1, 2};
  for (std::size_t i = 2; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  return crop.index_select(1, at::tensor(at::ArrayRef<std::int64_t>(order.data(), 3)));
}

at::Tensor mix_neighbours(const at::Tensor& crops, Random& random) {
  at::Tensor mixed = crops.clone();
  const std::int64_t count = crops.size(0);
  for (std::int64_t i = 0; i < count; ++i)
    if (random.uniform() < kMixChance)
      mixed[i].lerp_(crops[(i + count - 1) % count], random.uniform());
  return mixed;
}

at::Tensor add_noise(const at::Tensor& crops, Random& random) {
  at::Tensor noisy = crops.clone();
  for (std::int64_t i = 0; i < crops.size(0); ++i)
    if (random.uniform() < kNoiseChance) {
      const double strength = kStrongestNoise * random.uniform();
      noisy[i].add_(normal_numbers(noisy[i].sizes(), random), strength).clamp_(0, 1);
    }
  return noisy;
}

at::Tensor training_crops(std::span<const Image> pictures, std::int64_t count, std::int64_t size,
                          Random& random) {
  LIKENESS_CHECK(!pictures.empty() && count > 0);
  std::vector<at::Tensor> crops;
  for (std::int64_t i = 0; i < count; ++i) {
    at::Tensor one = random_crop(pictures[random.below(pictures.size())], size, random);
    if (random.uniform() < kJitterChance) one = jitter_colours(one, random);
    if (random.uniform() < kExchangeChance) one = exchange_channels(one, random);
    crops.push_back(one);
  }
  return add_noise(mix_neighbours(at::cat(crops), random), random)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace likeness
