#pragma once

/// Slim perceptual networks: students of VGG-19 that take its place when pictures are painted.
///
/// A student has the teacher's layers with fewer channels, and for each tap a learned affine map to
/// the teacher's channels, the lift (style/perceptual_network.h). It starts from the teacher's own
/// filters and learns three things from pictures: the teacher's activations, its Gram matrices, and
/// the gradient that a painting's cost sends to the picture; the last one on pictures that are
/// being painted by the student itself (compare Wang et al. 2020, "Collaborative distillation for
/// ultra-resolution universal style transfer", which learns activations alone). Thread safe where
/// calls write to different folders.
///
///     const PerceptualResult result = train_perceptual(
///         {.data = "pictures", .teacher = "vgg19.safetensors", .out = "run"}, progress);

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/core/progress.h>
#include <likeness/model/manifest.h>

namespace likeness {

struct PerceptualTrainingOptions {
  std::filesystem::path data;     ///< a folder: all pictures in it and below
  std::filesystem::path teacher;  ///< safetensors with torchvision's names, up to relu4_1 at least
  std::filesystem::path out;      ///< the run's folder, made if needed
  std::filesystem::path log;      ///< empty: log.jsonl in `out`
  std::string id;                 ///< of the model; empty: the name of `out`
  /// A student's folder to go on from; layers that have other `widths` start from the teacher's
  /// filters, as all do where this is empty.
  std::filesystem::path init;
  double width = 0.5;  ///< share of the teacher's channels, above 0 and at most 1
  /// Channels of each of the four blocks, at most the teacher's, in place of `width`. Later blocks
  /// see fewer positions, so that more channels cost less time there. Empty: `width` of the
  /// teacher's, or those of `init`.
  std::vector<std::int64_t> widths;
  /// Channels of the blocks' taps (net::VggOptions). Empty: the widths, or those of `init`.
  std::vector<std::int64_t> tap_widths;
  std::int64_t steps = 2500;
  std::uint64_t seed = 1;
  bool resume = false;  ///< go on from the folder's checkpoint, if there is one

  std::int64_t crop = 128;        ///< side of the pictures that are learned from, in pixels
  std::int64_t batch = 6;         ///< new crops a step
  std::int64_t on_the_way = 3;    ///< pictures being painted that are learned from a step
  std::int64_t painted = 48;      ///< pictures being painted at a time
  std::int64_t moves = 1;         ///< of each that was learned from
  std::int64_t lifetime = 60;     ///< moves of a picture; after 60 they become smaller
  std::int64_t start_crops = 48;  ///< that the start is fitted to

  double learning_rate = 7e-4;
  std::int64_t warm_up = 50;  ///< steps
  double clip = 1;            ///< length of the gradient at most; 0: any
  double average = 0.998;     ///< how much of the average of the weights a step keeps
  // What counts how much; each term is relative to the teacher's own size.
  double feature_weight = 1;
  double gram_weight = 2;
  double gradient_weight = 0.1;  ///< 0: a third less time
  double difference_weight = 0;  ///< of what is left between a painting and what it aims at

  std::int64_t validate_every = 500;    ///< steps
  std::int64_t checkpoint_every = 250;  ///< steps
  bool bf16 = true;                     ///< activations in bfloat16
  c10::Device device = c10::kCPU;
  std::string command;  ///< for the model's card
};

/// How well a student stands for its teacher on pictures that it has not learned from; per tap from
/// relu1_1 on.
struct PerceptualMeasures {
  std::int64_t step = -1;  ///< steps done before
  /// 1 − Σ(lifted − teacher)² / Σ(teacher − its mean per channel)², over all positions.
  std::vector<double> r2;
  /// Σ(lifted Gram − teacher's)² / Σ(teacher's − its mean over the pictures)².
  std::vector<double> gram_error;
};

struct PerceptualResult {
  ModelEntry model;  ///< with `file` as a path that can be opened
  std::int64_t training_pictures = 0;
  std::int64_t held_out_pictures = 0;
  std::int64_t skipped = 0;  ///< pictures that could not be read
  std::int64_t parameters = 0;
  std::int64_t steps = 0;
  double seconds = 0;  ///< of the steps, those before a resumption included
  PerceptualMeasures start;
  PerceptualMeasures last;
};

/// Trains, and writes to `out`: checkpoint.safetensors (everything, to go on bit for bit with the
/// same options, machine and thread count), log.jsonl, report.html, and the model as
/// write_local_model does, in half precision, new at each validation: the average of the weights.
/// Every 25th picture by name is held out.
/// Throws Error: invalid_argument (an option out of range, another run's checkpoint), not_found
/// (folder, file, no picture), corrupt_file (what the teacher lacks), write_failed, diverged (the
/// last checkpoint is good), cancelled (after a checkpoint).
PerceptualResult train_perceptual(const PerceptualTrainingOptions& options, Progress& progress,
                                  const Cancellation* cancellation = nullptr);

}  // namespace likeness
