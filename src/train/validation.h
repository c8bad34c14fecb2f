#pragma once

#include <cstdint>

#include <c10/core/Device.h>
#include <likeness/evaluate/roc.h>
#include <likeness/train/siamese_network.h>
#include <likeness/train/training_faces.h>
#include <likeness/train/training_log.h>

namespace likeness {

/// float32 [N, D] on the CPU, rows of length 1: the faces without variation, their views averaged.
/// The network must be in evaluation mode.
at::Tensor encode_all(SiameseNetwork& network, const TrainingFaces& faces, c10::Device device);

/// Squared distances of all pairs of the rows; of very many rows, those of evenly spaced ones.
ScoreSet distances_of_all_pairs(const at::Tensor& encodings,
                                const std::vector<std::int64_t>& labels);

/// What a network in evaluation mode achieves on `faces`.
ValidationMeasures validate(SiameseNetwork& network, const TrainingFaces& faces,
                            c10::Device device);

}  // namespace likeness
