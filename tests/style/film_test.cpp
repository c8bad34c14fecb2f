#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>
#include <likeness/model/safetensors.h>
#include <likeness/style/film.h>

#include "style/moving_pictures.h"
#include "style/tiny_network.h"
#include "support/drawn_picture.h"
#include "support/error_code.h"

namespace likeness {
namespace {

constexpr int kWidth = 256;
constexpr int kHeight = 144;
constexpr Camera kPan = {.across = 2.6, .down = 1.3};
constexpr Camera kZoom = {.zoom = 1.02};

const OnePassPainter& painter() {
  static const OnePassPainter painter = builtin_painter(at::kCPU);
  return painter;
}

const at::Tensor& code() {
  static const at::Tensor code = painter().code(to_tensor(drawn_picture(160, 120)));
  return code;
}

FilmPainter film(double coherence) {
  return FilmPainter(one_pass_brush(painter(), {.codes = code()}, {}), {.coherence = coherence});
}

/// Of one grey.
Image plain(std::uint8_t sample) {
  return to_image(at::full({1, 3, kHeight, kWidth}, sample / 255.0));
}

std::vector<Image> frames_of(const Camera& camera, int count) {
  static const Image picture = scene(640, 480);
  std::vector<Image> frames;
  for (int i = 0; i < count; ++i) frames.push_back(frame_of(picture, camera, i, kWidth, kHeight));
  return frames;
}

/// Mean over the frames, by the true motion and not by the estimate that the painter has.
double unsteadiness(const std::vector<Image>& painted, const Camera& camera) {
  double sum = 0;
  for (std::size_t i = 1; i < painted.size(); ++i) {
    const at::Tensor flow =
        true_flow(Image(640, 480), camera, static_cast<int>(i), kWidth, kHeight);
    sum += warping_error(to_tensor(painted[i]), to_tensor(painted[i - 1]), flow, seen_before(flow));
  }
  return sum / static_cast<double>(painted.size() - 1);
}

std::vector<Image> painted(FilmPainter film, const std::vector<Image>& frames) {
  std::vector<Image> results;
  for (const Image& frame : frames) results.push_back(film.paint(frame));
  return results;
}

/// Mean difference of neighbouring 2 × 2 blocks: less is softer. Blocks, as grain within them is
/// not what a picture shows.
double sharpness(const Image& image) {
  const at::Tensor x = at::avg_pool2d(to_tensor(image), {2, 2});
  return (x.narrow(3, 1, x.size(3) - 1) - x.narrow(3, 0, x.size(3) - 1))
      .abs()
      .mean()
      .item<double>();
}

TEST(Motion, FollowsACamera) {
  for (const Camera& camera : {kPan, kZoom}) {
    const std::vector<Image> frames = frames_of(camera, 2);
    const Motion motion = estimate_motion(frames[1], frames[0]);
    const at::Tensor truth = true_flow(Image(640, 480), camera, 1, kWidth, kHeight);
    const at::Tensor error = (motion.flow - truth).norm(2, 2);
    EXPECT_GT(motion.visible.mean().item<double>(), 0.8);
    EXPECT_LT((error * motion.visible).sum().item<double>(),
              0.4 * motion.visible.sum().item<double>());
  }
}

TEST(Motion, WhatComesIntoViewIsNotVisibleBefore) {
  const std::vector<Image> frames = frames_of({.across = 24}, 2);
  const Motion motion = estimate_motion(frames[1], frames[0]);
  EXPECT_LT(motion.visible.narrow(1, kWidth - 20, 20).mean().item<double>(), 0.15);
  EXPECT_GT(motion.visible.narrow(1, 20, 160).mean().item<double>(), 0.5);
}

TEST(Motion, AgreementFallsWithWhatFramesDifferByBehindTheMotion) {
  const Image dark = plain(100);
  const at::Tensor still = at::zeros({kHeight, kWidth, 2});
  EXPECT_NEAR(agreement(dark, dark, still).min().item<double>(), 1, 1e-6);
  const at::Tensor lighter = agreement(plain(126), dark, still);
  EXPECT_EQ(lighter.sizes(), at::IntArrayRef({kHeight, kWidth}));
  const double expected = std::exp(-std::pow(26 / 255.0 / 0.1, 2));
  EXPECT_NEAR(lighter.min().item<double>(), expected, 1e-4);
  EXPECT_NEAR(lighter.max().item<double>(), expected, 1e-4);

  const std::vector<Image> frames = frames_of({.across = 24}, 2);
  const at::Tensor flow = estimate_motion(frames[1], frames[0]).flow;
  const auto followed = [&](const at::Tensor& by) {
    return agreement(frames[1], frames[0], by).narrow(1, 20, 160).mean().item<double>();
  };
  EXPECT_GT(followed(flow), 0.7);
  EXPECT_LT(followed(still), 0.6);
}

TEST(Motion, WarpingMovesThePictureAndItsErrorIsTheRootMeanSquare) {
  const at::Tensor ramp = at::arange(12, at::kFloat).div(20).expand({1, 3, 8, 12}).contiguous();
  at::Tensor flow = at::zeros({8, 12, 2});
  flow.select(2, 0).fill_(2);
  const at::Tensor moved = warped(ramp, flow);
  EXPECT_NEAR(moved[0][0][4][5].item<double>(), 7 / 20.0, 1e-5);
  at::Tensor mask = at::zeros({8, 12});
  mask.narrow(1, 2, 6).fill_(1);
  EXPECT_NEAR(warping_error(ramp, ramp, flow, mask), 2 / 20.0, 1e-5);
  EXPECT_EQ(warping_error(ramp, ramp, flow, at::zeros({8, 12})), 0);
}

TEST(Film, FlickersAtMostHalfAsMuchAsFramesByThemselves) {
  for (const Camera& camera : {kPan, kZoom}) {
    const std::vector<Image> frames = frames_of(camera, 14);
    const auto alone = painted(film(0), frames);
    const auto steady = painted(film(FilmOptions{}.coherence), frames);
    EXPECT_LE(unsteadiness(steady, camera), 0.5 * unsteadiness(alone, camera));
    // And not because it went soft.
    EXPECT_GE(sharpness(steady.back()), 0.7 * sharpness(alone.back()));
  }
}

TEST(Film, WithoutCoherenceFramesArePaintedByThemselves) {
  const std::vector<Image> frames = frames_of(kPan, 3);
  FilmPainter by_itself = film(0);
  for (const Image& frame : frames)
    EXPECT_EQ(by_itself.paint(frame),
              to_image(painter().paint(to_tensor(frame), {.codes = code()}, {.looks = 1})));
}

TEST(Film, BeginsAnewAtACut) {
  std::vector<Image> frames = frames_of(kPan, 4);
  Image other = drawn_picture(kWidth, kHeight);
  for (std::uint8_t& sample : other.pixels()) sample = static_cast<std::uint8_t>(255 - sample);
  FilmPainter film_painter = film(0.9);
  for (const Image& frame : frames) film_painter.paint(frame);
  EXPECT_EQ(film_painter.cuts(), 0);
  EXPECT_EQ(film_painter.paint(other),
            to_image(painter().paint(to_tensor(other), {.codes = code()}, {.looks = 1})));
  EXPECT_EQ(film_painter.cuts(), 1);
  film_painter.paint(other);
  EXPECT_EQ(film_painter.cuts(), 1);
}

TEST(Film, AStateGoesOnExactlyAsTheFilmWouldHave) {
  const std::vector<Image> frames = frames_of(kZoom, 12);
  FilmPainter whole = film(0.7);
  FilmPainter first = film(0.7);
  FilmPainter second = film(0.7);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Image expected = whole.paint(frames[i]);
    if (i < 5) {
      first.paint(frames[i]);
      continue;
    }
    if (i == 5) {
      const Bytes kept = serialize_safetensors({.tensors = first.state()});
      second.restore(parse_safetensors(kept, "state").tensors);
      EXPECT_EQ(second.last(), first.last());
    }
    EXPECT_EQ(second.paint(frames[i]), expected) << i;
  }
  EXPECT_EQ(second.frames(), 12);
}

TEST(Film, ABrokenStateIsAnError) {
  FilmPainter one = film(0.7);
  for (const Image& frame : frames_of(kPan, 2)) one.paint(frame);
  for (const char* name : {"counts", "before", "brush.since", "brush.used.mean0"}) {
    TensorMap state = one.state();
    ASSERT_EQ(state.erase(name), 1U) << name;
    EXPECT_EQ(code_of([&] { film(0.7).restore(state); }), ErrorCode::corrupt_file) << name;
  }
}

TEST(Film, TinyAndGreyFramesAndStylesArePainted) {
  Image grey(9, 7);
  for (std::uint8_t& sample : grey.pixels()) sample = 128;
  FilmPainter small(one_pass_brush(painter(), {.codes = painter().code(to_tensor(grey))}, {}));
  for (int i = 0; i < 3; ++i) {
    const Image result = small.paint(grey);
    EXPECT_EQ(result.width(), 9);
    EXPECT_EQ(result.height(), 7);
  }
}

TEST(Film, DescentKeepsToThePastAsFarAsItsWeightSays) {
  const PerceptualNetwork network = tiny_network();
  const std::vector<StyleSource> styles = {{.picture = drawn_picture(64, 48)}};
  std::vector<Image> frames = frames_of(kPan, 3);
  const auto last_change = [&](double weight) {
    FilmPainter film(
        descent_brush(network, styles,
                      {.iterations = 6, .first_iterations = 6, .temporal_weight = weight}),
        {.coherence = 1});
    std::vector<Image> results;
    for (const Image& frame : frames) results.push_back(film.paint(frame));
    return unsteadiness(results, kPan);
  };
  EXPECT_LT(last_change(1e4), 0.8 * last_change(0));
}

}  // namespace
}  // namespace likeness
