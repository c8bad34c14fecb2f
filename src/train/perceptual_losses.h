#pragma once

/// What a student is compared by. Activations are those of a tap for several pictures, [N, C, H, W]
/// in float32 or bfloat16; sums are float32. Gradients flow through all functions, twice.

#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

/// M·f + o at every position: [N, H·W, C'].
at::Tensor lifted_rows(const at::Tensor& features, const Lift& lift);

/// Gram matrices of lifted activations over the positions: [N, C', C']. With the mean m and the
/// Gram matrix G of f: M·G·Mᵀ + M·m·oᵀ + o·(M·m)ᵀ + o·oᵀ.
at::Tensor lifted_grams(const at::Tensor& features, const Lift& lift);

/// What a painting aims at: activations of the content's last tap [N, H·W, C'], and Gram matrices
/// of the style, per tap [N, C', C'].
struct PaintingTarget {
  at::Tensor content;
  std::vector<at::Tensor> style;
};

/// Content cost + 30 · style cost per picture, as mean squares (Gatys et al. 2016, eq. 7): [N].
at::Tensor painting_cost(const std::vector<at::Tensor>& taps, const std::vector<Lift>& lifts,
                         const PaintingTarget& target);

/// d(sum of painting_cost)/d(picture); with `differentiable`, gradients flow on through it. The
/// activations' own gradients can still be taken afterwards.
at::Tensor painting_gradient(const at::Tensor& cost, const at::Tensor& picture,
                             bool differentiable);

/// The squared error over the teacher's variance, mean of the taps.
at::Tensor feature_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                        const std::vector<at::Tensor>& teacher);
/// The squared error of the Gram matrices over the teacher's squares, mean of pictures and taps.
at::Tensor gram_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                     const std::vector<at::Tensor>& teacher);
/// The squared error of what is left between pictures on the way and what they aim at: of the Gram
/// matrices' differences over their own squares (and a fiftieth of those aimed at), mean of
/// pictures and taps, and of the last tap's over its variance. So it counts most where a painting
/// is nearly done. Where both kinds of differences agree, one that is done for the student is done
/// for the teacher. `student_aims`: as the student sees what `teacher_aims` is.
at::Tensor difference_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                           const PaintingTarget& student_aims,
                           const std::vector<at::Tensor>& teacher,
                           const PaintingTarget& teacher_aims);
/// The squared error of gradients [N, 3, H, W] over the teacher's squares, mean of the pictures.
at::Tensor gradient_loss(const at::Tensor& student, const at::Tensor& teacher);

}  // namespace likeness
