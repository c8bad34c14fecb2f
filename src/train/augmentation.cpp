#include <algorithm>
#include <string>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/core/worker_pool.h>
#include <likeness/train/aligned_faces.h>
#include <likeness/train/augmentation.h>

#include "train/augmentation_steps.h"

namespace likeness {
namespace {

void check(bool holds, const std::string& option, double value, const std::string& allowed) {
  if (!holds)
    throw Error(ErrorCode::invalid_argument,
                "augmentation: " + option + " " + number_text(value) + ": use " + allowed);
}

void check_probability(const std::string& option, double value) {
  check(value >= 0 && value <= 1, option, value, "0 to 1");
}

void check_geometry(const AugmentationOptions& options) {
  check_probability("flip.probability", options.flip.probability);
  const auto& affine = options.affine;
  check_probability("affine.probability", affine.probability);
  check(affine.degrees >= 0 && affine.degrees <= 180, "affine.degrees", affine.degrees, "0 to 180");
  check(affine.scale >= 0 && affine.scale <= 1, "affine.scale", affine.scale, "0 to 1");
  check(affine.shift >= 0 && affine.shift <= 1, "affine.shift", affine.shift, "0 to 1");
  const auto& pose = options.pose;
  check_probability("pose.probability", pose.probability);
  check(pose.degrees >= 0 && pose.degrees <= 80, "pose.degrees", pose.degrees, "0 to 80");
}

void check_colour(const AugmentationOptions::Colour& colour) {
  check_probability("colour.probability", colour.probability);
  check_probability("colour.grey_probability", colour.grey_probability);
  check_probability("colour.brightness", colour.brightness);
  check_probability("colour.contrast", colour.contrast);
  check_probability("colour.saturation", colour.saturation);
  check_probability("colour.tint", colour.tint);
}

void check_loss_of_detail(const AugmentationOptions& options) {
  const auto& cutout = options.cutout;
  check_probability("cutout.probability", cutout.probability);
  check_probability("cutout.smallest", cutout.smallest);
  check(cutout.largest >= cutout.smallest && cutout.largest <= 1, "cutout.largest", cutout.largest,
        "cutout.smallest to 1");
  const auto& blur = options.blur;
  check_probability("blur.probability", blur.probability);
  check(blur.sigma >= 0 && blur.sigma <= 20, "blur.sigma", blur.sigma, "0 to 20");
  check(blur.shrink >= 1 && blur.shrink <= 100, "blur.shrink", blur.shrink, "1 to 100");
  const auto& jpeg = options.jpeg;
  check_probability("jpeg.probability", jpeg.probability);
  check(jpeg.lowest_quality >= 1 && jpeg.lowest_quality <= 100, "jpeg.lowest_quality",
        jpeg.lowest_quality, "1 to 100");
  check(jpeg.highest_quality >= jpeg.lowest_quality && jpeg.highest_quality <= 100,
        "jpeg.highest_quality", jpeg.highest_quality, "jpeg.lowest_quality to 100");
}

/// Draws one crop. Each step has a generator of its own, so that one step's draws, or its absence,
/// change nothing about the others.
void draw_crop(const AugmentationOptions& options, const AlignmentTemplate& target,
               const cv::Mat& source, cv::Mat crop, std::uint64_t seed) {
  Random seeds(seed);
  const auto next = [&] { return Random(seeds()); };
  const Random flip = next();
  const Random affine = next();
  const Random pose = next();
  change_geometry(source, crop, target, options, {.flip = flip, .affine = affine, .pose = pose});
  change_colour(crop, options.colour, next());
  cut_out(crop, options.cutout, next());
  blur(crop, options.blur, next());
  compress(crop, options.jpeg, next());
}

/// OpenCV's view; it has none that forbids writing.
cv::Mat view(const std::uint8_t* pixels, int size) {
  return {size, size, CV_8UC3, const_cast<std::uint8_t*>(pixels)};
}

}  // namespace

AugmentationOptions AugmentationOptions::none() {
  AugmentationOptions options;
  for (double* probability :
       {&options.flip.probability, &options.affine.probability, &options.pose.probability,
        &options.colour.probability, &options.cutout.probability, &options.blur.probability,
        &options.jpeg.probability})
    *probability = 0;
  return options;
}

Augmentation::Augmentation(const AugmentationOptions& options, int size)
    : Augmentation(options, scaled_template(arcface_template(), size)) {}

Augmentation::Augmentation(const AugmentationOptions& options, const AlignmentTemplate& target)
    : options_(options), target_(target) {
  LIKENESS_CHECK(target.size > 0);
  check_geometry(options);
  check_colour(options.colour);
  check_loss_of_detail(options);
}

Image Augmentation::apply(const Image& image, Random& random) const {
  LIKENESS_CHECK(image.channels() == 3 && image.width() == image.height());
  LIKENESS_CHECK(image.width() >= size());
  Image crop(size(), size());
  draw_crop(options_, target_, view(image.pixels().data(), image.width()),
            view(crop.pixels().data(), size()), random());
  return crop;
}

at::Tensor Augmentation::batch(const at::Tensor& pixels, std::span<const std::int64_t> rows,
                               std::uint64_t seed, int threads, std::int64_t first) const {
  LIKENESS_CHECK(threads >= 1);
  LIKENESS_CHECK(pixels.dim() == 4 && pixels.scalar_type() == at::kByte && pixels.is_contiguous());
  LIKENESS_CHECK(pixels.size(1) == pixels.size(2) && pixels.size(3) == 3);
  LIKENESS_CHECK(pixels.size(1) >= size() && pixels.device().is_cpu());
  const auto source_size = static_cast<int>(pixels.size(1));
  const auto count = static_cast<std::int64_t>(rows.size());
  at::Tensor crops = at::empty({count, size(), size(), 3}, at::TensorOptions(at::kByte));
  const auto* source = pixels.data_ptr<std::uint8_t>();
  auto* target = crops.data_ptr<std::uint8_t>();
  const auto draw = [&](std::size_t i) {
    LIKENESS_CHECK(rows[i] >= 0 && rows[i] < pixels.size(0));
    const std::uint64_t place = static_cast<std::uint64_t>(first) + i;
    const std::uint64_t crop_seed = Random(Random(seed)() ^ place)();
    draw_crop(options_, target_, view(source + rows[i] * pixels.stride(0), source_size),
              view(target + static_cast<std::int64_t>(i) * crops.stride(0), size()), crop_seed);
  };
  if (threads == 1)
    for (std::size_t i = 0; i < rows.size(); ++i) draw(i);
  else
    run_jobs(rows.size(), threads, draw, [](std::size_t) {});
  return crops;
}

}  // namespace likeness
