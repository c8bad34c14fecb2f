#pragma once

/// How the picture moves from one frame of a film to the next, where that can be trusted, and how
/// steady a painted film is. Pure functions, safe to call from many threads.
///
///     const Motion motion = estimate_motion(frame, frame_before);
///     const at::Tensor carried = warped(painted_before, motion.flow);

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>

namespace likeness {

struct Motion {
  /// [H, W, 2] float32: what is at (x, y) now was at (x + flow[y][x][0], y + flow[y][x][1]) before.
  at::Tensor flow;
  /// [H, W] in 0…1: 0 where the place was hidden or outside before, or the flow is uncertain.
  at::Tensor visible;
};

struct MotionOptions {
  /// Longest side at which flow is estimated; larger frames are made smaller first.
  int size = 640;
};

/// Optical flow by dense inverse search (Kroeger et al. 2016, "Fast Optical Flow using Dense
/// Inverse Search") in both directions, and where it holds: with v the flow back and w̃ the flow
/// forward at the place where v points (Sundaram et al. 2010; Ruder et al. 2016, equations 5 and
/// 6), a place is hidden when |w̃ + v|² > 0.01 (|w̃|² + |v|²) + 0.5, at a border of motion when
/// |∇v₁|² + |∇v₂|² > 0.01 |v|² + 0.002, and both masks are smoothed by a pixel of the small size.
/// Requires RGB frames of equal size.
Motion estimate_motion(const Image& now, const Image& before, const MotionOptions& options = {});

/// [H, W] in 0…1: how far what was seen before, carried along `flow` [H, W, 2], is what is seen
/// now: exp(−(d / 0.1)²), where d is the mean difference of the colours, 0…1, around each place.
/// Looked at in a quarter of the size. Requires RGB frames of the flow's size.
at::Tensor agreement(const Image& now, const Image& before, const at::Tensor& flow);

/// `picture` [1, 3, H, W] float32 as it looks after the motion: bicubic, the border continued,
/// within 0…1; a copy, channels-last. Requires a flow of that size.
at::Tensor warped(const at::Tensor& picture, const at::Tensor& flow);

/// √(Σ m |now − warped(before)|² / (3 Σ m)): the root mean square of what changes between two
/// painted frames although the film only moved (compare Lai et al. 2018, "Learning Blind Video
/// Temporal Consistency", section 4). `now`, `before`: [1, 3, H, W]; `mask` [H, W]: where it
/// counts. 0 where nothing does.
double warping_error(const at::Tensor& now, const at::Tensor& before, const at::Tensor& flow,
                     const at::Tensor& mask);

}  // namespace likeness
