#pragma once

/// Painting a film frame by frame so that it does not flicker: what was painted before is carried
/// along by optical flow (motion.h) to wherever it can still be seen, and the new painting is drawn
/// to it there (docs/video.md). One object belongs to one thread at a time.
///
///     FilmPainter film(one_pass_brush(painter, {.codes = code}, {}));
///     while (const SteadyFrame* frame = reader.next()) writer.write(film.paint(frame->picture));

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>
#include <likeness/model/safetensors.h>
#include <likeness/style/motion.h>
#include <likeness/style/objective.h>
#include <likeness/style/one_pass_painter.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/style/stylise.h>

namespace likeness {

/// What a frame inherits.
struct FilmPast {
  at::Tensor carried;  ///< [1, 3, H, W]: the frame painted before, moved to where things are now
  at::Tensor trust;    ///< [1, 1, H, W] in 0…1: how far it is to be kept
};

/// How one frame is painted.
class FrameBrush {
 public:
  virtual ~FrameBrush() = default;
  /// `frame`: [1, 3, H, W] float32, RGB 0…1. `past`: null for the first frame and behind a cut.
  /// Returns the painted frame, of that size in 0…1.
  virtual at::Tensor paint(const at::Tensor& frame, const FilmPast* past) = 0;
  /// What it remembers from frame to frame, for a checkpoint; copies or shares.
  virtual TensorMap state() const = 0;
  /// Takes it up again. Throws Error(corrupt_file).
  virtual void restore(const TensorMap& state) = 0;
};

/// One pass for each frame, mixed with the past: painted + trust · (carried − painted). Statistics
/// of its normalisations follow the film as a moving average, so that no frame's own noise moves
/// the colours of the whole picture. The painter must outlive it.
std::unique_ptr<FrameBrush> one_pass_brush(const OnePassPainter& painter, PaintCodes style,
                                           const PaintControls& controls);

struct DescentOptions {
  CostWeights weights = {};
  PictureOptimiserOptions optimiser = {};
  double style_scale = 1;  ///< longest side of a style against that of the frame
  std::uint64_t seed = 1;
  int iterations = 30;          ///< of each frame
  int first_iterations = 150;   ///< of the first one, and behind each cut
  double temporal_weight = 20;  ///< of the mean squared difference to what is carried along
};

/// The optimiser for each frame (Ruder et al. 2016, "Artistic style transfer for videos", sections
/// 3 and 4): it starts from the past where that can be seen and from the frame elsewhere, and
/// minimises J + λ · mean(trust · (picture − carried)²). Slow: seconds a frame. The network must
/// outlive it; the styles' regions are not looked at. Throws Error(invalid_argument) as
/// check_weights does.
std::unique_ptr<FrameBrush> descent_brush(const PerceptualNetwork& network,
                                          const std::vector<StyleSource>& styles,
                                          const DescentOptions& options);

struct FilmOptions {
  double coherence = 0.7;  ///< 0: every frame by itself; 1: what can be seen from before stays
  MotionOptions motion = {};
};

/// Seconds spent since the beginning.
struct FilmSeconds {
  double motion = 0;  ///< flow, masks, carrying the past along
  double paint = 0;   ///< the brush
};

class FilmPainter {
 public:
  /// Requires 0 ≤ coherence ≤ 1.
  explicit FilmPainter(std::unique_ptr<FrameBrush> brush, const FilmOptions& options = {});

  /// The next frame: RGB; another size than the frame before begins anew.
  Image paint(const Image& frame);
  /// What it returned last, for a frame that is shown once more; empty before the first one.
  Image last() const;

  std::int64_t frames() const { return frames_; }
  /// How often the film began anew: at cuts, not at the first frame.
  std::int64_t cuts() const { return cuts_; }
  const FilmSeconds& seconds() const { return seconds_; }

  /// Everything that the next frame depends on, so that another painter goes on exactly as this one
  /// would.
  TensorMap state() const;
  /// Throws Error(corrupt_file).
  void restore(const TensorMap& state);

 private:
  std::unique_ptr<FilmPast> past_of(const Image& frame);

  std::unique_ptr<FrameBrush> brush_;
  FilmOptions options_;
  Image before_;        ///< the frame before
  at::Tensor painted_;  ///< and how it was painted
  std::int64_t frames_ = 0;
  std::int64_t cuts_ = 0;
  FilmSeconds seconds_;
};

}  // namespace likeness
