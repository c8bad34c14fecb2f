#include "train/augmentation_steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <opencv2/imgproc.hpp>

#include "train/head_turn.h"

namespace likeness {
namespace {

/// (x, y, 1) → (x', y', 1)
using Map = cv::Matx33d;

Map translation(double x, double y) {
  return {1, 0, x, 0, 1, y, 0, 0, 1};
}

Map as_map(const Similarity& s) {
  return {s.a, -s.b, s.tx, s.b, s.a, s.ty, 0, 0, 1};
}

/// From the result to the source, round the middle of a crop of the given size.
Map affine_map(const AugmentationOptions::Affine& options, int size, Random& random) {
  const double angle = between(-1, 1, random) * options.degrees * std::numbers::pi / 180;
  const double scale = std::exp(between(-1, 1, random) * std::log1p(options.scale));
  const double x = options.shift * size * between(-1, 1, random);
  const double y = options.shift * size * between(-1, 1, random);
  const double c = std::cos(angle) * scale;
  const double s = std::sin(angle) * scale;
  return {c, -s, x, s, c, y, 0, 0, 1};
}

/// The middle of `source`, as it is or mirrored.
void take_middle(const cv::Mat& source, bool flip, cv::Mat& crop) {
  const int margin = (source.cols - crop.cols) / 2;
  const cv::Mat middle = source(cv::Rect(margin, margin, crop.cols, crop.rows));
  if (flip)
    cv::flip(middle, crop, 1);
  else
    middle.copyTo(crop);
}

/// The template with whatever lies round it in the source.
AlignmentTemplate widened(const AlignmentTemplate& target, int size) {
  AlignmentTemplate result = target;
  result.size = size;
  const float margin = static_cast<float>(size - target.size) / 2;
  for (Point& point : result.points) point = {point.x + margin, point.y + margin};
  return result;
}

/// out = factors · in + offset for each pixel.
cv::Matx34f colour_map(const AugmentationOptions::Colour& options, Random& random) {
  constexpr std::array<double, 3> kLuma = {0.299, 0.587, 0.114};
  constexpr double kMiddle = 127.5;
  const auto factor = [&](double range) { return 1 + range * between(-1, 1, random); };
  const double brightness = 255 * options.brightness * between(-1, 1, random);
  const double contrast = factor(options.contrast);
  const bool grey = happens(options.grey_probability, random);
  const double wanted = factor(options.saturation);
  const double saturation = grey ? 0 : wanted;
  cv::Matx34f map;
  for (int row = 0; row < 3; ++row) {
    const double tint = factor(options.tint);
    const double gain = contrast * (grey ? 1 : tint);
    for (int column = 0; column < 3; ++column)
      map(row, column) = static_cast<float>(
          gain * ((1 - saturation) * kLuma[column] + (row == column ? saturation : 0)));
    map(row, 3) = static_cast<float>(kMiddle * (1 - contrast) + brightness);
  }
  return map;
}

}  // namespace

double between(double low, double high, Random& random) {
  return low + (high - low) * random.uniform();
}

bool happens(double probability, Random& random) {
  return random.uniform() < probability;
}

void change_geometry(const cv::Mat& source, cv::Mat& crop, const AlignmentTemplate& target,
                     const AugmentationOptions& options, GeometryRandom random) {
  const bool flip = happens(options.flip.probability, random.flip);
  const bool affine = happens(options.affine.probability, random.affine);
  const bool pose = happens(options.pose.probability, random.pose);
  if (!affine && !pose) {  // exact, without sampling
    take_middle(source, flip, crop);
    return;
  }
  cv::Mat seen = source;
  Map map = Map::eye();
  if (pose) {
    const HeadTurn head(widened(target, source.cols));
    const double degrees = between(-options.pose.degrees, options.pose.degrees, random.pose);
    seen = head.turned(source, degrees);
    map = as_map(head.realignment(degrees).inverse());
  }
  const double source_middle = (source.cols - 1) / 2.0;
  const double crop_middle = (crop.cols - 1) / 2.0;
  map = map * translation(source_middle, source_middle);
  if (affine) map = map * affine_map(options.affine, crop.cols, random.affine);
  if (flip) map = map * Map(-1, 0, 0, 0, 1, 0, 0, 0, 1);
  map = map * translation(-crop_middle, -crop_middle);
  cv::warpAffine(seen, crop, map.get_minor<2, 3>(0, 0), crop.size(),
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
}

void change_colour(cv::Mat& crop, const AugmentationOptions::Colour& options, Random random) {
  if (!happens(options.probability, random)) return;
  cv::transform(crop, crop, colour_map(options, random));
}

void cut_out(cv::Mat& crop, const AugmentationOptions::Cutout& options, Random random) {
  if (!happens(options.probability, random)) return;
  const auto side = [&](int size) {
    const double share = between(options.smallest, options.largest, random);
    return std::clamp(static_cast<int>(std::lround(share * size)), 1, size);
  };
  const auto place = [&](int size, int length) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(size - length) + 1));
  };
  const int width = side(crop.cols);
  const int height = side(crop.rows);
  cv::Mat part = crop(cv::Rect(place(crop.cols, width), place(crop.rows, height), width, height));
  if (happens(0.5, random)) {
    const auto sample = [&] { return static_cast<double>(random.below(256)); };
    part.setTo(cv::Scalar(sample(), sample(), sample()));
    return;
  }
  for (int y = 0; y < part.rows; ++y) {
    auto* row = part.ptr<std::uint8_t>(y);
    for (int i = 0; i < 3 * part.cols; i += 8) {  // eight samples from each number
      const std::uint64_t noise = random();
      std::memcpy(row + i, &noise, static_cast<std::size_t>(std::min(8, 3 * part.cols - i)));
    }
  }
}

void blur(cv::Mat& crop, const AugmentationOptions::Blur& options, Random random) {
  if (!happens(options.probability, random)) return;
  if (happens(0.5, random)) {
    constexpr double kSharpest = 0.3;  // a narrower Gaussian changes nothing
    const double sigma = between(kSharpest, std::max(kSharpest, options.sigma), random);
    const int reach = static_cast<int>(std::ceil(2.5 * sigma));
    cv::GaussianBlur(crop, crop, {2 * reach + 1, 2 * reach + 1}, sigma, sigma,
                     cv::BORDER_REPLICATE);
    return;
  }
  const double factor = between(1, options.shrink, random);
  const int size = std::max(1, static_cast<int>(std::lround(crop.cols / factor)));
  cv::Mat small;
  cv::resize(crop, small, {size, size}, 0, 0, cv::INTER_AREA);
  cv::resize(small, crop, crop.size(), 0, 0, cv::INTER_LINEAR);
}

void compress(cv::Mat& crop, const AugmentationOptions::Jpeg& options, Random random) {
  if (!happens(options.probability, random)) return;
  const auto range = static_cast<std::uint64_t>(options.highest_quality - options.lowest_quality);
  const int quality = options.lowest_quality + static_cast<int>(random.below(range + 1));
  LIKENESS_CHECK(crop.isContinuous());
  const std::size_t bytes = crop.total() * 3;
  const Image image(crop.cols, crop.rows, 3, {crop.data, crop.data + bytes});
  const Image decoded =
      decode_image(encode_image(image, ImageFormat::jpeg, quality), "augmented crop");
  std::memcpy(crop.data, decoded.pixels().data(), bytes);
}

}  // namespace likeness
