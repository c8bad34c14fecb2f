#include "train/painter_styles.h"

#include <algorithm>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/net/painter.h>

#include "train/perceptual_crops.h"
#include "train/seeds.h"

namespace likeness {
namespace {

constexpr double kStyleJitterChance = 0.4;
constexpr double kStyleExchangeChance = 0.25;
constexpr double kStyleMixChance = 0.15;

PictureStatistics statistics_of(const PaintingJudge& judge, const at::Tensor& picture, View view) {
  const at::NoGradGuard no_gradients;
  return judge.statistics(
      judge.taps(seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast)));
}

View view_of(std::uint64_t number) {
  return kViews[static_cast<std::size_t>(number % kViews.size())];
}

/// Sides that a painter takes, by cutting off what is too much.
at::Tensor whole_steps(const at::Tensor& picture) {
  const auto whole = [](std::int64_t side) { return side - side % net::PainterImpl::kStep; };
  return picture.narrow(2, 0, whole(picture.size(2)))
      .narrow(3, 0, whole(picture.size(3)))
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

at::Tensor painter_crop(const Image& picture, std::int64_t size, Random& random) {
  const double scale = 0.85 + 0.3 * random.uniform();
  return random_square(picture, static_cast<double>(size) * scale, size, random);
}

StyleCrops::StyleCrops(const PainterTrainingOptions& options, const PaintingJudge& judge,
                       std::span<const Image> paintings, std::span<const Image> photos)
    : options_(options), judge_(judge), paintings_(paintings), photos_(photos) {}

at::Tensor StyleCrops::crop(std::uint64_t number) const {
  Random random(derived_seed(options_.seed, SeedStream::styles, number));
  const auto one = [&] {
    const auto& from = random.uniform() < options_.photo_share ? photos_ : paintings_;
    at::Tensor crop = painter_crop(from[random.below(from.size())], options_.crop, random);
    if (random.uniform() < kStyleJitterChance) crop = jitter_colours(crop, random);
    if (random.uniform() < kStyleExchangeChance) crop = exchange_channels(crop, random);
    return crop;
  };
  at::Tensor first = one();
  if (random.uniform() >= kStyleMixChance) return first;
  return at::lerp(first, one(), 0.5 * random.uniform());
}

StyleBatch StyleCrops::choose(std::int64_t count, Random& random) {
  std::vector<at::Tensor> pictures;
  std::vector<PictureStatistics> statistics;
  std::vector<View> views;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t number = random.below(static_cast<std::uint64_t>(options_.style_crops));
    const at::Tensor picture = crop(number).contiguous(at::MemoryFormat::ChannelsLast);
    auto known = known_.find(number);
    views.push_back(view_of(number));
    if (known == known_.end())
      known = known_.emplace(number, statistics_of(judge_, picture, views.back())).first;
    pictures.push_back(picture);
    statistics.push_back(known->second);
  }
  return {.pictures = at::cat(pictures).contiguous(at::MemoryFormat::ChannelsLast),
          .numbers = {},
          .statistics = std::move(statistics),
          .views = std::move(views)};
}

FixedStyles::FixedStyles(const PainterTrainingOptions& options, const PaintingJudge& judge,
                         std::span<const Image> pictures) {
  for (const Image& picture : pictures) {
    const Image fitting =
        resize_to_fit(without_alpha(picture), static_cast<int>(options.style_size));
    pictures_.push_back(whole_steps(to_tensor(fitting)));
    for (const View view : kViews)
      statistics_.push_back(statistics_of(judge, pictures_.back(), view));
  }
}

StyleBatch FixedStyles::choose(std::int64_t count, Random& random) {
  std::vector<std::int64_t> numbers;
  std::vector<PictureStatistics> statistics;
  std::vector<View> views;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t choice = random.below(statistics_.size());
    numbers.push_back(static_cast<std::int64_t>(choice / kViews.size()));
    views.push_back(view_of(choice));
    statistics.push_back(statistics_[choice]);
  }
  return {.pictures = {},
          .numbers = at::tensor(numbers, at::kLong),
          .statistics = std::move(statistics),
          .views = std::move(views)};
}

}  // namespace likeness
