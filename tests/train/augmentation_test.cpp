#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/train/augmentation.h>

#include "support/drawn_picture.h"
#include "support/error_code.h"

namespace likeness {
namespace {

constexpr int kSource = 136;
constexpr int kFaceSize = 112;
constexpr int kMargin = (kSource - kFaceSize) / 2;

using Options = AugmentationOptions;

Image source() {
  return drawn_picture(kSource, kSource);
}

Image middle(const Image& image = source()) {
  return crop(image, kMargin, kMargin, kFaceSize, kFaceSize);
}

Image augmented(const Options& options, std::uint64_t seed, const Image& image = source()) {
  Random random(seed);
  return Augmentation(options, kFaceSize).apply(image, random);
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i)
    sum += std::abs(static_cast<double>(a.pixels()[i]) - b.pixels()[i]);
  return sum / static_cast<double>(a.pixels().size());
}

struct Kind {
  std::string name;
  std::function<double&(Options&)> probability;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"flip", [](Options& o) -> double& { return o.flip.probability; }},
      {"affine", [](Options& o) -> double& { return o.affine.probability; }},
      {"pose", [](Options& o) -> double& { return o.pose.probability; }},
      {"colour", [](Options& o) -> double& { return o.colour.probability; }},
      {"cutout", [](Options& o) -> double& { return o.cutout.probability; }},
      {"blur", [](Options& o) -> double& { return o.blur.probability; }},
      {"jpeg", [](Options& o) -> double& { return o.jpeg.probability; }}};
  return all;
}

Options only(const std::string& name) {
  Options options = Options::none();
  for (const Kind& kind : kinds())
    if (kind.name == name) kind.probability(options) = 1;
  return options;
}

TEST(Augmentation, WithEverythingSwitchedOffIsTheMiddleOfTheCrop) {
  EXPECT_EQ(augmented(Options::none(), 1), middle());
  Random random(1);
  EXPECT_EQ(Augmentation(Options::none(), kFaceSize).apply(middle(), random), middle());
}

TEST(Augmentation, EachKindChangesThePictureAloneAndCanBeSwitchedOff) {
  for (const Kind& kind : kinds()) {
    int changed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      changed += augmented(only(kind.name), seed) == middle() ? 0 : 1;
    EXPECT_GE(changed, 18) << kind.name;

    // All others at work: switching this one off must make a difference, and only this one's.
    Options all = Options::none();
    for (const Kind& other : kinds()) other.probability(all) = 1;
    Options without = all;
    kind.probability(without) = 0;
    EXPECT_NE(augmented(all, 3), augmented(without, 3)) << kind.name;
  }
}

TEST(Augmentation, WhatOneKindDoesDoesNotDependOnTheOthers) {
  const Image before = middle();
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Options both = only("colour");
    both.flip.probability = 1;
    EXPECT_EQ(augmented(both, seed), mirror(augmented(only("colour"), seed)));
    both = only("cutout");
    both.flip.probability = 1;
    const Image flipped = augmented(both, seed);
    const Image straight = augmented(only("cutout"), seed);
    for (std::size_t i = 0; i < flipped.pixels().size(); ++i) {
      if (straight.pixels()[i] == before.pixels()[i]) continue;  // not cut out
      ASSERT_EQ(flipped.pixels()[i], straight.pixels()[i]);
    }
  }
}

TEST(Augmentation, IsDecidedByTheGenerator) {
  const Options options;
  EXPECT_EQ(augmented(options, 5), augmented(options, 5));
  EXPECT_NE(augmented(options, 5), augmented(options, 6));
  Random random(5);
  const Augmentation augmentation(options, kFaceSize);
  const Image first = augmentation.apply(source(), random);
  EXPECT_NE(first, augmentation.apply(source(), random));
  EXPECT_EQ(first, augmented(options, 5));
}

TEST(Augmentation, HappensAsOftenAsItsProbabilitySays) {
  Options options = Options::none();
  options.flip.probability = 0.3;
  int flipped = 0;
  const Image mirrored = mirror(middle());
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    flipped += augmented(options, seed) == mirrored ? 1 : 0;
  EXPECT_NEAR(flipped, 300, 60);
}

/// A white disc on black; where its middle is.
Point disc_middle(const Image& image) {
  double x_sum = 0;
  double y_sum = 0;
  double weight = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const double light = image.at(x, y)[0];
      x_sum += light * x;
      y_sum += light * y;
      weight += light;
    }
  return {static_cast<float>(x_sum / weight), static_cast<float>(y_sum / weight)};
}

Image disc(double x, double y) {
  Image image(kSource, kSource);
  for (int row = 0; row < kSource; ++row)
    for (int column = 0; column < kSource; ++column)
      if (std::hypot(column - x, row - y) < 8)
        std::fill_n(image.row(row) + 3 * column, 3, std::uint8_t{255});
  return image;
}

TEST(Augmentation, ShiftsByNoMoreThanItsShare) {
  Options options = only("affine");
  options.affine.degrees = 0;
  options.affine.scale = 0;
  options.affine.shift = 0.1;
  const double center = (kSource - 1) / 2.0;
  const Point before = disc_middle(middle(disc(center, center)));
  double farthest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Point after = disc_middle(augmented(options, seed, disc(center, center)));
    const double moved =
        std::max(std::abs(after.x - before.x), std::abs(after.y - before.y)) / kFaceSize;
    EXPECT_LT(moved, 0.101);
    farthest = std::max(farthest, moved);
  }
  EXPECT_GT(farthest, 0.08);
}

TEST(Augmentation, TurnsByNoMoreThanItsDegreesRoundTheMiddle) {
  Options options = only("affine");
  options.affine.degrees = 20;
  options.affine.scale = 0;
  options.affine.shift = 0;
  const double center = (kSource - 1) / 2.0;
  const double crop_center = (kFaceSize - 1) / 2.0;
  double largest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Point at = disc_middle(augmented(options, seed, disc(center + 30, center)));
    EXPECT_NEAR(std::hypot(at.x - crop_center, at.y - crop_center), 30, 0.3);
    const double degrees = std::abs(std::atan2(at.y - crop_center, at.x - crop_center)) * 57.29578;
    EXPECT_LT(degrees, 20.2);
    largest = std::max(largest, degrees);
  }
  EXPECT_GT(largest, 17);
}

TEST(Augmentation, ScalesByNoMoreThanItsFactor) {
  Options options = only("affine");
  options.affine.degrees = 0;
  options.affine.scale = 0.25;
  options.affine.shift = 0;
  const double center = (kSource - 1) / 2.0;
  const double crop_center = (kFaceSize - 1) / 2.0;
  double smallest = 9;
  double largest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const double radius =
        disc_middle(augmented(options, seed, disc(center + 30, center))).x - crop_center;
    smallest = std::min(smallest, radius / 30);
    largest = std::max(largest, radius / 30);
  }
  EXPECT_NEAR(smallest, 1 / 1.25, 0.03);
  EXPECT_NEAR(largest, 1.25, 0.03);
}

TEST(Augmentation, WhatLiesBeyondTheMarginIsTheEdgeGoingOn) {
  Options options = only("affine");
  options.affine.shift = 0.5;
  Image white(kSource, kSource);
  std::fill(white.pixels().begin(), white.pixels().end(), std::uint8_t{255});
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_EQ(augmented(options, seed, white), middle(white));
}

TEST(Augmentation, GreyHasOneValueForAllChannels) {
  Options options = only("colour");
  options.colour.grey_probability = 1;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Image grey = augmented(options, seed);
    for (std::size_t i = 0; i < grey.pixels().size(); i += 3) {
      ASSERT_EQ(grey.pixels()[i], grey.pixels()[i + 1]);
      ASSERT_EQ(grey.pixels()[i], grey.pixels()[i + 2]);
    }
  }
}

TEST(Augmentation, BrightnessAddsNoMoreThanItsShare) {
  Options options = only("colour");
  options.colour = {.probability = 1,
                    .brightness = 0.2,
                    .contrast = 0,
                    .saturation = 0,
                    .tint = 0,
                    .grey_probability = 0};
  Image even(kSource, kSource);
  std::fill(even.pixels().begin(), even.pixels().end(), std::uint8_t{100});
  int lowest = 255;
  int highest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const int value = augmented(options, seed, even).pixels()[0];
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  EXPECT_GE(lowest, 49);
  EXPECT_LE(highest, 151);
  EXPECT_LT(lowest, 56);
  EXPECT_GT(highest, 144);
}

TEST(Augmentation, CutsOutOneRectangleOfTheSizesThatWereAskedFor) {
  Options options = only("cutout");
  options.cutout = {.probability = 1, .smallest = 0.2, .largest = 0.5};
  // A picture that is not one colour: noise may hit single pixels' values.
  const Image before = middle();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Image after = augmented(options, seed);
    int left = kFaceSize;
    int right = -1;
    int top = kFaceSize;
    int bottom = -1;
    for (int y = 0; y < kFaceSize; ++y)
      for (int x = 0; x < kFaceSize; ++x) {
        if (std::ranges::equal(after.at(x, y), before.at(x, y))) continue;
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
    for (const double side : {right - left + 1.0, bottom - top + 1.0}) {
      EXPECT_GE(side, 0.2 * kFaceSize - 1) << seed;
      EXPECT_LE(side, 0.5 * kFaceSize + 1) << seed;
    }
  }
}

TEST(Augmentation, BlurAndJpegLoseDetailButNotThePicture) {
  const auto detail = [](const Image& image) {
    double sum = 0;
    for (int y = 0; y < kFaceSize; ++y)
      for (int x = 1; x < kFaceSize; ++x)
        sum += std::abs(static_cast<double>(image.at(x, y)[1]) - image.at(x - 1, y)[1]);
    return sum;
  };
  Options soft = only("blur");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_LE(detail(augmented(soft, seed)), detail(middle()));
    EXPECT_LT(mean_difference(augmented(soft, seed), middle()), 25);
  }
  const auto damage = [](int quality) {
    Options options = only("jpeg");
    options.jpeg = {.probability = 1, .lowest_quality = quality, .highest_quality = quality};
    return mean_difference(augmented(options, 1), middle());
  };
  EXPECT_GT(damage(10), 2 * damage(90));
  EXPECT_LT(damage(90), 6);
}

TEST(Augmentation, ABatchIsTheSameWhateverTheThreadsAndEachCropItsOwn) {
  std::vector<Image> sources;
  for (int i = 0; i < 3; ++i) sources.push_back(drawn_picture(kSource, kSource));
  sources[1] = mirror(sources[0]);
  at::Tensor pixels = at::empty({3, kSource, kSource, 3}, at::TensorOptions(at::kByte));
  for (int i = 0; i < 3; ++i)
    std::copy(sources[static_cast<std::size_t>(i)].pixels().begin(),
              sources[static_cast<std::size_t>(i)].pixels().end(),
              pixels[i].data_ptr<std::uint8_t>());
  const std::vector<std::int64_t> rows = {2, 0, 0, 1, 2, 0, 1, 1, 0};
  const Augmentation augmentation({}, kFaceSize);
  const at::Tensor single = augmentation.batch(pixels, rows, 4, 1);
  EXPECT_EQ(single.sizes(), (at::IntArrayRef{9, kFaceSize, kFaceSize, 3}));
  for (const int threads : {2, 5})
    EXPECT_TRUE(augmentation.batch(pixels, rows, 4, threads).equal(single));
  EXPECT_FALSE(augmentation.batch(pixels, rows, 5, 1).equal(single));
  EXPECT_FALSE(single[1].equal(single[2]));

  const at::Tensor plain = Augmentation(Options::none(), kFaceSize).batch(pixels, rows, 4, 2);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_TRUE(
        plain[static_cast<std::int64_t>(i)].equal(pixels[rows[i]]
                                                      .slice(0, kMargin, kMargin + kFaceSize)
                                                      .slice(1, kMargin, kMargin + kFaceSize)));
}

TEST(Augmentation, RefusesWhatCannotBeAndNamesIt) {
  const auto refused = [](const std::string& name, const std::function<void(Options&)>& change) {
    Options options;
    change(options);
    const auto make = [&] { Augmentation(options, kFaceSize); };
    EXPECT_EQ(code_of(make), ErrorCode::invalid_argument) << name;
    EXPECT_NE(message_of(make).find(name), std::string::npos) << message_of(make);
  };
  for (const Kind& kind : kinds())
    for (const double value : {-0.1, 1.1, std::nan("")})
      refused(kind.name + ".probability", [&](Options& o) { kind.probability(o) = value; });
  refused("affine.degrees", [](Options& o) { o.affine.degrees = 200; });
  refused("affine.scale", [](Options& o) { o.affine.scale = -0.1; });
  refused("affine.shift", [](Options& o) { o.affine.shift = 2; });
  refused("pose.degrees", [](Options& o) { o.pose.degrees = 90; });
  refused("colour.contrast", [](Options& o) { o.colour.contrast = 2; });
  refused("cutout.largest", [](Options& o) { o.cutout.largest = 0.05; });
  refused("blur.sigma", [](Options& o) { o.blur.sigma = -1; });
  refused("blur.shrink", [](Options& o) { o.blur.shrink = 0.5; });
  refused("jpeg.lowest_quality", [](Options& o) { o.jpeg.lowest_quality = 0; });
  refused("jpeg.highest_quality", [](Options& o) { o.jpeg.highest_quality = 20; });
}

}  // namespace
}  // namespace likeness
