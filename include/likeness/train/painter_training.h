#pragma once

/// Painters: networks that paint any content in any style in one pass (net/painter.h), or in the
/// styles that they were made for.
///
/// First the encoder learns alone, to see what a perceptual network sees; then it stays as it is,
/// and the rest learns from pairs of crops. The perceptual network tells how far its picture is
/// from the content (activations of relu4_1) and from the style (Gram matrices, and means and
/// deviations, of relu1_1 to relu4_1): the objective of Gatys et al. 2016 itself, not a stand-in
/// for it. Each cost is taken relative to what showing the style, or the content, unchanged would
/// cost, so that no strong style outshouts the others. Two more terms: a picture in its own style
/// is to come out unchanged, and differences between neighbours are to stay those of the content
/// (contrastive coherence, Wu et al. 2022, "CCPL: Contrastive coherence preserving loss for
/// versatile style transfer"), which keeps films steady. Thread safe where calls write to different
/// folders.
///
///     const PainterResult result =
///         train_painter({.data = "photos", .styles = "paintings", .out = "run"}, progress);

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/core/progress.h>
#include <likeness/model/manifest.h>

namespace likeness {

struct PainterTrainingOptions {
  std::filesystem::path data;    ///< a folder: all pictures in it and below, the contents
  std::filesystem::path styles;  ///< a folder of styles; empty: `data`
  /// The only styles that the painter will know, one picture each, in place of `styles`: one code
  /// is learned for each (Johnson et al. 2016 with one, Dumoulin et al. 2017 with several).
  std::vector<std::filesystem::path> style_pictures = {};
  /// A painter's folder to start from; several: the mean of their weights, which lies better than
  /// each when they were trained from the same one (Wortsman et al. 2022, "Model soups"). Empty:
  /// random weights.
  std::vector<std::filesystem::path> init = {};
  std::filesystem::path perceptual;  ///< VGG-19's weights; empty: the slim network compiled in
  std::filesystem::path out;         ///< the run's folder, made if needed
  std::filesystem::path log;         ///< empty: log.jsonl in `out`
  std::string id;                    ///< of the model; empty: the name of `out`
  /// Of the encoder's lesson, before the others; none given: 800, or 0 with `init`.
  std::optional<std::int64_t> encoder_steps = {};
  std::int64_t steps = 4500;
  std::uint64_t seed = 1;
  bool resume = false;  ///< go on from the folder's checkpoint, if there is one

  std::int64_t crop = 128;          ///< side of the crops in pixels, a multiple of 8
  std::int64_t batch = 4;           ///< pairs a step
  std::int64_t style_crops = 2048;  ///< that styles are drawn from; their statistics are kept
  double photo_share = 0.1;         ///< of style crops that are taken from `data`
  std::int64_t style_size = 512;    ///< longest side of each of `style_pictures`

  std::int64_t encoder_batch = 12;  ///< crops a step of the encoder's lesson
  double encoder_learning_rate = 1e-2;

  double learning_rate = 1e-3;
  std::int64_t warm_up = 100;  ///< steps
  double clip = 1;             ///< length of the gradient at most; 0: any
  double average = 0.998;      ///< how much of the average of the weights a step keeps
  // What counts how much.
  double content_weight = 1;
  double style_weight = 6;       ///< of Gram matrices
  double statistics_weight = 2;  ///< of means and deviations
  double identity_weight = 1;
  double coherence_weight = 0.01;

  std::int64_t validate_every = 500;    ///< steps
  std::int64_t checkpoint_every = 250;  ///< steps
  bool bf16 = true;                     ///< the perceptual network's activations in bfloat16
  c10::Device device = c10::kCPU;
  std::string command;  ///< for the model's card
};

/// What the encoder is to tell: relu2_1 by its fine features, relu3_1 by middle ones, relu4_1 by
/// coarse ones, and the pixels by fine ones.
inline constexpr std::size_t kEncoderTargets = 4;

/// The share of their variance that the best affine map from the encoder's features leaves, over
/// pictures that were not learned from.
struct EncoderMeasures {
  std::int64_t step = -1;  ///< steps done before
  std::array<double, kEncoderTargets> missed = {};
};

/// How well pairs that were not learned from are painted, under the perceptual network.
struct PainterMeasures {
  std::int64_t step = -1;  ///< steps done before
  double content = 0;      ///< content cost as a share of that of the style shown unchanged
  double style = 0;        ///< style cost (Gram) as a share of that of the content shown unchanged
  double statistics = 0;   ///< squared differences of means and deviations, summed over layers
  double identity = 0;     ///< mean squared error of a picture painted in its own style
};

struct PainterResult {
  ModelEntry model;  ///< with `file` as a path that can be opened
  std::int64_t training_pictures = 0;
  std::int64_t training_styles = 0;
  std::int64_t held_out_pairs = 0;
  std::int64_t skipped = 0;  ///< pictures that could not be read
  std::int64_t parameters = 0;
  std::int64_t steps = 0;
  double seconds = 0;  ///< of the steps, those before a resumption included
  std::int64_t encoder_steps = 0;
  double encoder_seconds = 0;
  EncoderMeasures encoder;  ///< where there were such steps
  PainterMeasures start;
  PainterMeasures last;
};

/// Trains, and writes to `out`: encoder.safetensors and checkpoint.safetensors (everything, to go
/// on bit for bit with the same options, machine and thread count), encoder.jsonl, log.jsonl,
/// report.html, preview.png (held-out contents in held-out styles), and the model as
/// write_local_model does, in half precision, new at each validation: the average of the weights.
/// Every 25th picture by name is held out. Throws Error: invalid_argument (an option out of range,
/// another run's checkpoint), not_found (folder, file, no picture), corrupt_file, write_failed,
/// diverged (the last checkpoint is good), cancelled (after a checkpoint).
PainterResult train_painter(const PainterTrainingOptions& options, Progress& progress,
                            const Cancellation* cancellation = nullptr);

}  // namespace likeness
