#pragma once

/// Where a student starts from: its teacher's own filters.

#include <vector>

#include <ATen/core/Tensor.h>

#include "train/perceptual_student.h"

namespace likeness {

/// Gives `student` filters and lifts, layer by layer. The channels of a layer are those of the
/// teacher that explain most of all of them: pivots of the Cholesky factorisation of the second
/// moments of the teacher's activations (Harbrecht, Peters and Schneider 2012). A filter reads the
/// teacher's activations through the affine least-squares map from the student's. What
/// `learned` (StudentImpl::exported of a student) has is taken over, up to the first layer with
/// fewer channels than the next one reads; where a tap has more channels than there, they are those
/// that explain most of what is left. `crops`: [N, 3, S, S], RGB 0…1, on the networks' device.
void start_from_teacher(StudentImpl& student, const net::VggImpl& teacher, const at::Tensor& crops,
                        const TensorMap& learned = {});

/// Gives `student` the lifts with the least squared error at each tap over `crops`, batches of
/// [N, 3, S, S]; its filters stay.
void fit_lifts(StudentImpl& student, net::VggImpl& teacher, const std::vector<at::Tensor>& crops);

/// The first `count` pivots of the positive semidefinite matrix `moments` [C, C], float64.
std::vector<std::int64_t> cholesky_pivots(const at::Tensor& moments, std::int64_t count);

}  // namespace likeness
