#include <likeness/style/film.h>

#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>

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

/// Mean absolute difference of neighbours: less is softer.
double sharpness(const Image& image) {
  const at::Tensor x = to_tensor(image);
  return (x.narrow(3, 1, kWidth - 1) - x.narrow(3, 0, kWidth - 1)).abs().mean().item<double>();
}

TEST(Film, FlickersAtMostHalfAsMuchAsFramesByThemselves) {
  for (const Camera& camera : {kPan, kZoom}) {
    const std::vector<Image> frames = frames_of(camera, 14);
    const auto alone = painted(film(0), frames);
    const auto steady = painted(film(FilmOptions{}.coherence), frames);
    EXPECT_LE(unsteadiness(steady, camera), 0.5 * unsteadiness(alone, camera));
    // And not because it went soft or grey.
    EXPECT_GE(sharpness(steady.back()), 0.8 * sharpness(alone.back()));
  printf("steady %f alone %f frames %f sharp %f %f\n", unsteadiness(steady, camera), unsteadiness(alone, camera), unsteadiness(frames, camera), sharpness(steady.back()), sharpness(alone.back()));
  }
}

}  // namespace
}  // namespace likeness
