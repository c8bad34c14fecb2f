#pragma once

#include <ATen/core/Tensor.h>
#include <likeness/net/vgg.h>
#include <likeness/train/perceptual_training.h>

#include "train/perceptual_student.h"

namespace likeness {

/// Compares the student with its teacher on `crops` [N, 3, S, S], a few at a time. Both in the type
/// of their weights.
PerceptualMeasures measure_student(StudentImpl& student, net::VggImpl& teacher,
                                   const at::Tensor& crops);

}  // namespace likeness
